public import PolicyModel
public import VerdictTables

/// What an update changed for those who put names to what the kernel tells of.
///
/// Whoever takes these as they come has a book of names of its own, without
/// looking at the whole cluster ever again.
public struct ClusterMetadataDelta: Sendable {
    /// An object before and after; nil where there was none, or is none any more.
    public struct Change<Object: Sendable>: Sendable {
        public var old: Object?
        public var new: Object?

        public init(old: Object?, new: Object?) {
            self.old = old
            self.new = new
        }
    }

    /// In the order in which they came, as are services and nodes.
    public var pods: [Change<PodRecord>] = []
    public var services: [Change<Service>] = []
    public var nodes: [Change<Node>] = []
    /// What an address of the class is; nil if no address has the class any more.
    public var classes: [AddressClassID: [PeerIdentity]?] = [:]
    /// The peers that a domain name of the class is among, each with all its names; nil
    /// if no name has the class any more.
    public var nameClasses: [NameClassID: [[DomainPattern]]?] = [:]
    /// Nil if nothing names the cause any more.
    public var causes: [CauseID: Cause?] = [:]

    public init() {}

    public var isEmpty: Bool {
        pods.isEmpty && services.isEmpty && nodes.isEmpty && classes.isEmpty && nameClasses.isEmpty
            && causes.isEmpty
    }

    /// Adds what came after it.
    public mutating func append(_ later: ClusterMetadataDelta) {
        pods += later.pods
        services += later.services
        nodes += later.nodes
        classes.merge(later.classes) { $1 }
        nameClasses.merge(later.nameClasses) { $1 }
        causes.merge(later.causes) { $1 }
    }
}
