public import KubernetesClient
public import Logging
public import PolicyModel
import Synchronization

/// The objects of a cluster, listed and watched through its API.
///
/// Each resource is followed by a task of its own. The first batch comes when
/// all of them have been listed that a cluster cannot do without, and every batch
/// says which others are still awaited; from then on what is pending is handed over
/// whenever the consumer asks. While the API server is away, what is known stays.
public final class KubernetesSource: ClusterSource {
    public struct Options: Hashable, Sendable {
        /// How many objects are asked for in one page.
        public var pageSize = 500
        /// How long a watch may be silent before it is opened anew. Bookmarks
        /// come about each minute.
        public var silence = Duration.seconds(100)
        /// Longest line of a watch in bytes: one object of any size that etcd takes.
        public var longestLine = 16 << 20
        /// Longest page of a list in bytes; a server may ignore `pageSize`.
        public var longestPage = 1 << 30

        public init() {}
    }

    private enum Life {
        case fresh
        case running(Task<Void, Never>)
        case stopped
    }

    private let resources: [Resource]
    private let transport: any APITransport
    private let options: Options
    private let logger: Logger
    private let environment: Environment
    private let mailbox: Mailbox
    private let life = Mutex(Life.fresh)

    public convenience init(transport: any APITransport, options: Options = Options(), logger: Logger) {
        self.init(
            Resource.all, transport: transport, options: options, logger: logger,
            environment: Environment())
    }

    package init(
        _ resources: [Resource], transport: any APITransport, options: Options, logger: Logger,
        environment: Environment
    ) {
        self.resources = resources
        self.transport = transport
        self.options = options
        self.logger = logger
        self.environment = environment
        mailbox = Mailbox(resources)
    }

    public func batches() -> AsyncStream<ClusterBatch> {
        life.withLock { life in
            if case .fresh = life { life = .running(start()) }
        }
        let mailbox = mailbox
        return AsyncStream {
            await mailbox.next()
        } onCancel: {
            self.stop()
        }
    }

    public func stop() {
        life.withLock { life in
            if case .running(let task) = life { task.cancel() }
            life = .stopped
        }
        mailbox.finish()
    }

    public var condition: SourceCondition { SourceCondition(feeds: mailbox.feeds) }

    private func start() -> Task<Void, Never> {
        let followers = resources.enumerated().map { place, resource in
            ListWatcher(
                resource, feed: place, transport: transport, options: options, environment: environment,
                mailbox: mailbox, logger: logger)
        }
        return Task {
            await withTaskGroup { group in
                for follower in followers {
                    group.addTask {
                        var follower = follower
                        await follower.run()
                    }
                }
            }
        }
    }
}
