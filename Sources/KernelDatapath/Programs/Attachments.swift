import CLibbpf
import Glibc
import LinuxBase
public import VerdictTables

/// What is attached where, and whether it is in force.
public struct AttachedProgram: Hashable, Sendable {
    public enum State: Hashable, Sendable {
        /// In force with the program that is pinned.
        case live(link: UInt32, program: UInt32)
        /// In force with another program: an older one, or a stranger's.
        case otherProgram(link: UInt32, program: UInt32)
        /// The link is there, but its cgroup is gone or somebody detached it.
        case detached
        /// No link, though other programs have one for this cgroup.
        case missing
    }

    public var program: DatapathProgram
    public var cgroup: CgroupID
    public var state: State

    public var isLive: Bool { if case .live = state { true } else { false } }
}

/// Attaches the pinned programs to cgroups, by pinned links.
public struct Attachments: Sendable {
    /// What an `attach` came to.
    public struct Change: Hashable, Sendable {
        public var cgroup: CgroupID
        /// Newly attached, a dead link's successor included.
        public var attached: [DatapathProgram] = []
        /// Live links that got the pinned program in place of another.
        public var updated: [DatapathProgram] = []
        /// Already as they should be.
        public var unchanged: [DatapathProgram] = []
    }

    public let pins: Pins
    /// Where cgroup v2 is mounted; who may keep Sluice out is looked for from there on.
    private let root: String

    public init(pins: Pins = Pins(), root: String = "/sys/fs/cgroup") {
        self.pins = pins
        self.root = root
    }

    /// Attaches all programs to a cgroup's directory; a live link is updated in
    /// place, so that no packet passes unjudged in between. From another layout,
    /// what its programs have learned from packets is carried over.
    ///
    /// If it throws, what it attached newly is detached again, and what was in
    /// force before still is.
    @discardableResult
    public func attach(to path: String) throws(KernelError) -> Change {
        let cgroup = try Descriptor(path: path, flags: O_RDONLY | O_DIRECTORY)
        let id = try CgroupTree.id(ofPath: path)
        try Files.makeDirectories(pins.linkDirectory(id))
        var change = Change(cgroup: id)
        do {
            if let carryOver = try CarryOver(at: id, to: pins) {
                // What arrives until egress has been swapped is heard by both layouts' ingress.
                let ahead = try CgroupLink(
                    attaching: Descriptor(program: .ingress, of: pins), .ingress, to: cgroup)
                try carryOver.copy(.theirs)
                try attach(.egress, to: cgroup, id, &change)
                try carryOver.copy(.ours)
                try attach(.ingress, to: cgroup, id, &change)
                _ = consume ahead
            }
            for program in DatapathProgram.allCases where !change.updated.contains(program) {
                try attach(program, to: cgroup, id, &change)
            }
        } catch {
            for program in change.attached { try? detach(program, id) }
            // Stays if other links are in it.
            _ = try? Files.removeDirectory(pins.linkDirectory(id))
            throw error.explained(by: (try? OtherPrograms(root: root, self).concerning(path)) ?? [])
        }
        return change
    }

    private func attach(
        _ kind: DatapathProgram, to cgroup: borrowing Descriptor, _ id: CgroupID,
        _ change: inout Change
    ) throws(KernelError) {
        let program = try Descriptor(program: kind, of: pins)
        let programID = try program.programID(kind)
        let path = pins.path(kind, at: id)
        if let link = try CgroupLink(pinnedAt: path) {
            let info = try link.info()
            if info.cgroup == id && info.attachType == kind.attachType.rawValue {
                if info.programID == programID {
                    change.unchanged.append(kind)
                } else {
                    try link.update(to: program, kind)
                    try verify(link, kind, id, programID)
                    change.updated.append(kind)
                }
                return
            }
            try detach(kind, id)
        }
        change.attached.append(kind)
        try verify(
            CgroupLink(attaching: program, kind, to: cgroup, pinnedAt: path), kind, id, programID)
    }

    private func verify(
        _ link: borrowing CgroupLink, _ kind: DatapathProgram, _ id: CgroupID, _ programID: UInt32
    ) throws(KernelError) {
        let info = try link.info()
        guard info.cgroup == id, info.programID == programID,
            info.attachType == kind.attachType.rawValue
        else {
            throw KernelError(
                .attach, kind.rawValue, code: ESTALE,
                context: [
                    "the link says cgroup \(info.cgroup.rawValue), program \(info.programID)",
                    "wanted cgroup \(id.rawValue), program \(programID)",
                ])
        }
    }

    /// Everything that is attached or should be: a row for each program and cgroup.
    public func list() throws(KernelError) -> [AttachedProgram] {
        var pinned: [DatapathProgram: UInt32] = [:]
        for kind in DatapathProgram.allCases where Files.exists(pins.path(kind)) {
            pinned[kind] = try Descriptor(program: kind, of: pins).programID(kind)
        }
        var attachments: [AttachedProgram] = []
        for cgroup in try cgroups() {
            for kind in DatapathProgram.allCases {
                attachments.append(
                    AttachedProgram(
                        program: kind, cgroup: cgroup,
                        state: try state(kind, cgroup, pinned[kind])))
            }
        }
        return attachments
    }

    private func state(
        _ kind: DatapathProgram, _ cgroup: CgroupID, _ pinned: UInt32?
    ) throws(KernelError) -> AttachedProgram.State {
        guard let link = try CgroupLink(pinnedAt: pins.path(kind, at: cgroup)) else {
            return .missing
        }
        let info = try link.info()
        guard info.cgroup == cgroup, info.attachType == kind.attachType.rawValue else {
            return .detached
        }
        return info.programID == pinned
            ? .live(link: info.linkID, program: info.programID)
            : .otherProgram(link: info.linkID, program: info.programID)
    }

    /// The cgroups that have pinned links, dead ones included.
    public func cgroups() throws(KernelError) -> [CgroupID] {
        try Files.list(pins.links).compactMap { UInt64($0.name).map(CgroupID.init(rawValue:)) }
            .sorted()
    }

    /// Ends enforcement on one cgroup.
    public func detach(_ cgroup: CgroupID) throws(KernelError) {
        var removal = Removal()
        try pins.removeLinks(pins.linkDirectory(cgroup), &removal)
    }

    /// Ends enforcement; maps and programs stay.
    public func detachAll() throws(KernelError) {
        for cgroup in try cgroups() { try detach(cgroup) }
    }

    private func detach(_ kind: DatapathProgram, _ cgroup: CgroupID) throws(KernelError) {
        try Pins.detachLink(at: pins.path(kind, at: cgroup))
    }
}
