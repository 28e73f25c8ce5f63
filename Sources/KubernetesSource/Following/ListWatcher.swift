import KubernetesClient
import KubernetesObjects
import Logging
import PolicyModel

/// Does what a reflector says, and puts what comes of it into the mailbox.
struct ListWatcher: Sendable {
    let transport: any APITransport
    let options: KubernetesSource.Options
    let environment: Environment
    let mailbox: Mailbox
    let logger: Logger
    /// The resource's place among all.
    let feed: Int
    private let lists: ListReader
    private let lines: WatchReader
    private var reflector: Reflector
    private var interner = Interner()

    init(
        _ resource: Resource, feed: Int, transport: any APITransport, options: KubernetesSource.Options,
        environment: Environment, mailbox: Mailbox, logger: Logger
    ) {
        self.transport = transport
        self.options = options
        self.environment = environment
        self.mailbox = mailbox
        self.logger = logger
        self.feed = feed
        lists = ListReader(resource.kind, limits: TextLimits(bytes: options.longestPage))
        lines = WatchReader(resource.kind, limits: TextLimits(bytes: options.longestLine))
        reflector = Reflector(resource, random: environment.random())
    }

    /// Until the task is cancelled.
    mutating func run() async {
        while !Task.isCancelled {
            let start = ContinuousClock.now
            do {
                switch reflector.step {
                case .wait(let pause):
                    try await environment.sleep(pause)
                    apply(.waited)
                case .discover(let path): try await discover(path)
                case .list(let path, let token): try await list(path, token)
                case .watch(let path, let version, let seconds):
                    try await watch(path, from: version, seconds: seconds)
                }
            } catch is CancellationError {
                return
            } catch let error as APIError {
                apply(.failed(error, after: ContinuousClock.now - start))
            } catch {
                apply(.failed(APIError(.invalidAnswer, message: "\(error)")))
            }
        }
    }

    private mutating func discover(_ path: String) async throws {
        var isServed: Bool?
        do {
            let response = try await transport.send(APIRequest(.get, path))
            let bytes = try await response.bytes(limit: 1 << 20)
            let name = Array("\"\(reflector.resource.name)\"".utf8)
            isServed = bytes.firstRange(of: name) != nil
        } catch let error as APIError {
            isServed = error.code == .status(404) ? false : nil
        }
        try Task.checkCancellation()
        apply(.discovered(isServed: isServed))
    }

    private mutating func list(_ path: String, _ token: String) async throws {
        var query = [APIRequest.Parameter("limit", "\(options.pageSize)")]
        if !token.isEmpty { query.append(APIRequest.Parameter("continue", token)) }
        let request = APIRequest(.get, path, query: query)
        let response = try await transport.send(request)
        let bytes = try await response.bytes(limit: options.longestPage)
        try Task.checkCancellation()
        var objects: [APIObject] = []
        do throws(TextError) {
            let page = try lists.read(bytes) { objects.append(interned($0)) }
            apply(.page(page, objects), beginsList: token.isEmpty)
        } catch {
            throw APIError(.invalidAnswer, message: "the answer \(error)", request: "GET \(path)")
        }
    }

    private mutating func watch(_ path: String, from version: String, seconds: Int) async throws {
        let request = APIRequest(
            .get, path,
            query: [
                APIRequest.Parameter("watch", "true"), APIRequest.Parameter("resourceVersion", version),
                APIRequest.Parameter("allowWatchBookmarks", "true"),
                APIRequest.Parameter("timeoutSeconds", "\(seconds)"),
            ], silence: options.silence)
        let start = ContinuousClock.now
        let response = try await transport.send(request)
        apply(.opened)
        var splitter = LineSplitter()
        for try await piece in response.body {
            consume(splitter.append(piece))
            guard reflector.isOpen else { return }
            if splitter.rest.count > options.longestLine {
                return apply(.brokenLine("a line of \(path) is longer than \(options.longestLine) bytes"))
            }
        }
        // A stream ends without an error for who is cancelled.
        try Task.checkCancellation()
        if splitter.rest.isEmpty {
            apply(.ended(after: ContinuousClock.now - start))
        } else {
            apply(.brokenLine("the watch of \(path) ends within a line"))
        }
    }

    /// All lines of a piece at once: the consumer then gets them in one batch.
    private mutating func consume(_ lines: [[UInt8]]) {
        guard !lines.isEmpty else { return }
        let problem = reflector.problem
        var changes: [ItemChange] = []
        for line in lines where reflector.isOpen {
            changes += reflector.handle(event(line))
        }
        deliver(changes, isContact: true, problemBefore: problem)
    }

    private mutating func event(_ line: [UInt8]) -> Reflector.Event {
        do throws(TextError) {
            let event = try lines.read(line)
            guard case .changed(let object) = event else { return .line(event) }
            return .line(.changed(interned(object)))
        } catch {
            return .brokenLine("a watch line of \(reflector.resource.name) cannot be read: \(error)")
        }
    }

    private mutating func apply(_ event: Reflector.Event, beginsList: Bool = false) {
        let problem = reflector.problem
        let changes = reflector.handle(event)
        let isContact =
            switch event {
            case .page, .opened, .line, .ended: true
            case .brokenLine, .failed, .waited, .discovered: false
            }
        deliver(changes, isContact: isContact, beginsList: beginsList, problemBefore: problem)
    }

    private func deliver(
        _ changes: [ItemChange], isContact: Bool, beginsList: Bool = false, problemBefore: String?
    ) {
        mailbox.put(
            changes, feed: feed, reflector: reflector, contact: isContact ? environment.now() : nil,
            forgettingUnnamed: beginsList)
        switch (problemBefore, reflector.problem) {
        case (let before, let problem?) where before != problem:
            logger.warning("lost \(reflector.resource.name): \(problem); what is known stays in force")
        case (_?, nil): logger.notice("\(reflector.resource.name) are followed again")
        default: break
        }
    }

    private mutating func interned(_ object: APIObject) -> APIObject {
        guard var contents = object.object else { return object }
        interner.intern(&contents)
        var object = object
        object.object = contents
        object.reference = contents.reference
        return object
    }
}
