import KernelDatapath
import ManifestSource
import PacketLab
import PolicyModel
import Testing
import VerdictTables

/// The shared cases, through real maps, programs and sockets. One stage plays them all, as changes.
@Suite(.serialized) struct KernelCasesTests {
    @Test("the kernel's verdict of every probe is the expected one", arguments: ["fixed", "random"]) func everyProbe(
        of folder: String
    ) throws {
        let stage = try Stage()
        defer { stage.close() }
        let cases = try CaseFolder.cases(in: folder)
        var (asked, packets, mismatches) = (0, 0, [String]())
        for `case` in cases {
            try stage.play("case", `case`.contents, seating: `case`.byPod.map(\.pod))
            var witness = Witness(stage, `case`)
            try witness.askTables()
            try witness.sendPackets(.failFast, connected: true)
            try stage.set(failFast: false)
            try witness.sendPackets(.egressAlone, connected: false)
            asked += `case`.probes.count
            packets += witness.asked
            mismatches += witness.mismatches
        }
        print("\(folder): \(cases.count) cases, \(asked) probes, \(packets) packets sent")
        report(mismatches)
        // The last case's tables: nothing is left of the hundreds before.
        let held = try stage.kernel.tables()
        var wanted = stage.tables
        for (cgroup, entry) in held.pods { wanted.pods[cgroup]?.slot = entry.slot }
        #expect(held == wanted)
    }

    /// What the API server refuses may come from an old store or a file: it opens nothing, and
    /// pods of other namespaces do not notice.
    @Test("invalid objects widen nothing") func invalidObjectsWidenNothing() throws {
        let stage = try Stage()
        defer { stage.close() }
        let invalid = try CaseFolder.contents(of: "invalid").map { try InvalidObject($0.bytes) }
        let cases = try CaseFolder.cases(in: "fixed").filter { `case` in
            `case`.probes.contains { $0.pod.namespace == "x" && !$0.allowed }
        }
        try #require(!cases.isEmpty)
        var (asked, mismatches) = (0, [String]())
        for (index, object) in invalid.enumerated() {
            // Another valid case for each, from all over the folder.
            let `case` = cases[index * cases.count / invalid.count]
            let pods = `case`.byPod.map(\.pod)
            try stage.play("case", `case`.contents, seating: pods)
            try stage.play("invalid", object.manifest, seating: pods)
            #expect(stage.diagnostics.contains { $0.severity == .error }, "\(object.id) is not noticed")
            for mode in [Witness.Mode.failFast, .egressAlone] {
                try stage.set(failFast: mode == .failFast)
                var witness = Witness(stage, `case`, beside: object)
                try witness.sendPackets(mode, connected: true)
                asked += witness.asked
                mismatches += witness.mismatches.map { "\(object.id) in \($0)" }
            }
            try stage.play("invalid", nil, seating: pods)
        }
        print("invalid: \(invalid.count) objects, \(asked) packets sent")
        report(mismatches)
    }

    private func report(_ mismatches: [String]) {
        for mismatch in mismatches.prefix(40) { Issue.record("\(mismatch)") }
        #expect(mismatches.count == 0)
    }
}
