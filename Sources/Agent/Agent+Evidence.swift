import AgentAPI
import Glibc
import KernelDatapath
import Logging
import PolicyCompiler
import PolicyModel
import VerdictTables

/// Enforced is what has evidence: links that are there say nothing of what they come to.
extension Agent {
    /// Looks for evidence of what was attached, where there is none, or where it is old.
    func prove(_ paths: [String], _ attaching: Datapath.Attaching) {
        let before = Set(evidence.filter { $0.value.isProven }.keys)
        let doubted = Set(evidence.keys).subtracting(before)
        var level: Int?
        for path in paths {
            if let error = attaching.failures[path] {
                evidence[path] = .none("\(error)")
            } else if attaching.done.isEmpty, let known = evidence[path], known.isFresh(rhythm) {
                continue
            } else {
                level = prove(path) ?? level
            }
        }
        reportUnproven(paths, attaching)
        let after = Set(evidence.filter { $0.value.isProven }.keys)
        if after != before {
            snapshotIsStale = true
            policiesAreStale = true
            // What is attached for the first time is told of with its pods.
            for path in after.subtracting(before) where doubted.contains(path) { auditPods(below: path) }
        }
        if let level { correct(rootLevel: level) }
    }

    /// - Returns: how deep the root lies by the evidence.
    private func prove(_ path: String) -> Int? {
        do {
            switch try datapath.prove(path) {
            case .proven(let level):
                evidence[path] = .proven(bytes: nil)
                return level - path.split(separator: "/").count
            case .none(let reason):
                evidence[path] = try heard(path) ?? .none(reason, bytes: bytesSent(below: path))
            }
        } catch {
            evidence[path] = .none("\(error)")
        }
        return nil
    }

    /// What the pods below have sent since the last look was counted, so they were found and judged.
    private func heard(_ path: String) throws(KernelError) -> AttachmentEvidence? {
        guard let before = evidence[path]?.bytes else { return nil }
        let now = try bytesSent(below: path)
        // A quiet minute is no reason to doubt; a detached link would be seen.
        return now > before || evidence[path]?.isProven == true ? .proven(bytes: now) : nil
    }

    private func bytesSent(below path: String) throws(KernelError) -> UInt64 {
        let pods = node.owners.filter { _, key in
            node.cgroupIndex.cgroup(of: key).map { Self.lies($0.path, in: path) } ?? false
        }
        return try datapath.bytesSent(by: Set(pods.keys))
    }

    private func auditPods(below path: String) {
        var residents: [CgroupID: FlowEnricher.Resident?] = [:]
        for (cgroup, key) in node.owners
        where node.cgroupIndex.cgroup(of: key).map({ Self.lies($0.path, in: path) }) == true {
            residents[cgroup] = node.compiler.cluster.podRecord(key).map {
                FlowEnricher.Resident($0, isDeleted: node.deleted.contains(key))
            }
        }
        audit(residents)
    }

    private static func lies(_ path: String, in tree: String) -> Bool {
        path == tree || path.hasPrefix("\(tree)/")
    }

    private func reportUnproven(_ paths: [String], _ attaching: Datapath.Attaching) {
        let unproven = paths.filter { attaching.failures[$0] == nil && evidence[$0]?.isProven != true }
        if unproven.isEmpty { return clearCondition("evidence") }
        setCondition(
            "evidence",
            unproven.map { "\($0): attached, but not known to be in force: \(evidence[$0]?.obstacle ?? "not yet")" }
                .joined(separator: "; "))
    }

    /// The kernel's own word on levels, where it could not be had before, or the tree was moved.
    private func correct(rootLevel: Int) {
        guard rootLevel != finder.rootLevel else { return }
        logger.notice("\(cgroupRoot) lies \(rootLevel) levels below the kernel's own root of cgroups")
        finder.rootLevel = rootLevel
        apply(node.relocate(finder.locate))
    }

    /// Whether what a pod sends from its cgroup is known to be judged.
    func isProven(_ cgroup: PodCgroup) -> Bool {
        evidence.contains { $0.value.isProven && Self.lies(cgroup.path, in: $0.key) }
    }

    /// What keeps the node from being enforced as a whole; nil if nothing does.
    var missingEvidence: String? {
        guard let path = attachedTo.first(where: { evidence[$0]?.isProven != true }) else { return nil }
        return "\(path): \(evidence[path]?.obstacle ?? "not yet")"
    }

    // MARK: Other programs

    /// Others come and go, and tell nobody.
    func lookForOtherPrograms() {
        var found: [OtherProgram] = []
        do {
            for path in attachedTo {
                for other in try datapath.otherPrograms(concerning: path) where !found.contains(other) {
                    found.append(other)
                }
            }
        } catch {
            logger.debug("other programs: \(error)")
            return
        }
        for other in found where !otherPrograms.contains(other) && other.effect == .mayTranslate {
            logger.notice("\(other.note)")
        }
        if found != otherPrograms { snapshotIsStale = true }
        otherPrograms = found
        let obstacles = found.filter { $0.effect == .keepsOut }
        if obstacles.isEmpty { return clearCondition("other programs") }
        setCondition(
            "other programs",
            obstacles.map {
                "\($0.description) is attached without BPF_F_ALLOW_MULTI: once a cgroup below is made again, Sluice is kept out of it; detach it, or have its owner attach it with that flag"
            }.joined(separator: "; "))
    }
}

/// What is known of one attachment.
struct AttachmentEvidence {
    /// In seconds since 1970; nil if nothing proves it.
    var provenAt: Int?
    /// Why nothing does.
    var obstacle: String?
    /// What the pods there had sent at the last look, where no canary can be sent.
    var bytes: UInt64?
    private let looked = ContinuousClock.now

    static func proven(bytes: UInt64?) -> Self { Self(provenAt: time(nil), bytes: bytes) }
    static func none(_ reason: String, bytes: UInt64? = nil) -> Self { Self(obstacle: reason, bytes: bytes) }

    private init(provenAt: Int? = nil, obstacle: String? = nil, bytes: UInt64?) {
        self.provenAt = provenAt
        self.obstacle = obstacle
        self.bytes = bytes
    }

    var isProven: Bool { provenAt != nil }

    /// Whether it need not be looked for anew.
    func isFresh(_ rhythm: Intervals) -> Bool { isProven && ContinuousClock.now - looked < rhythm.evidence }
}
