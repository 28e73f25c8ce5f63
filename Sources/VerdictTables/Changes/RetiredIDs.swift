public import PolicyModel

/// What writes take leave of: policy sets and classes that nothing leads to any more once they are made.
///
/// Only programs that looked them up before can still ask for their rules. A rule whose set and
/// class both stay is another matter: its going is a change of verdict, and happens at once.
public struct RetiredIDs: Hashable, Sendable {
    private var sets: Set<PolicySetID> = []
    private var classes: Set<AddressClassID> = []

    /// - Parameters:
    ///   - writes: what is about to be written.
    ///   - addresses: what the kernel holds before that.
    ///   - names: the same.
    public init(
        of writes: some Sequence<TableWrite>, addresses: [Prefix: AddressClassID], names: [NamePrefix: NameClassID]
    ) {
        for write in writes {
            switch write {
            case .removeRule(let key) where key.addressClass == .other: sets.insert(key.policySet)
            case .putAddress(let prefix, _), .removeAddress(let prefix):
                if let old = addresses[prefix] { classes.insert(old) }
            case .putName(let prefix, _), .removeName(let prefix):
                guard let old = names[prefix] else { continue }
                classes.formUnion([false, true].map { old.inRules(privateAnswer: $0) })
            default: break
            }
        }
    }

    /// Whether the write removes what running programs may still be about to look up: the ports of
    /// a rule that they found, the rule of a set and class that they found.
    public func defers(_ write: TableWrite) -> Bool {
        switch write {
        case .removePort: true
        case .removeRule(let key): sets.contains(key.policySet) || classes.contains(key.addressClass)
        default: false
        }
    }
}
