import PolicyCompiler
import PolicyModel
import Testing
import VerdictTables

/// That a big cluster compiles at all; the times are printed and judged by nobody.
@Suite struct ScaleTests {
    static let namespaces = 50

    private func podObject(_ index: Int, version: Int = 0) -> ClusterObject {
        .pod(
            Pod(
                key: NamespacedName("n\(index % Self.namespaces)", "p\(index)"),
                labels: ["app": "a\(index / Self.namespaces % 20)", "version": "\(version)"],
                nodeName: index < 100 ? "here" : "there",
                addresses: [
                    IPAddress(ipv4: 0x0a00_0000 + UInt32(index)), IPAddress(high: 0xfd00 << 48, low: UInt64(index)),
                ]))
    }

    private func policyObject(_ index: Int, port: UInt16 = 80) -> ClusterObject {
        policy(
            "n\(index % Self.namespaces)/policy\(index)", on: ["app": "a\(index % 20)"],
            rule(
                to: [pods(["app": "a\(index % 7)"]), pods(["app": "a1"], inNamespaces: [:])],
                ports: [tcp(port), tcp(1000...2000)]),
            rule(
                1, to: [block("192.\(index % 200).0.0/16", except: "192.\(index % 200).3.0/24"), block("10.0.0.0/8")],
                ports: [tcp(443)]))
    }

    @Test("a big cluster compiles") func aBigClusterCompiles() {
        let clock = ContinuousClock()
        var compiler = PolicyCompiler(options: CompilerOptions(subjects: .node("here", includingUnassigned: false)))
        let objects = (0..<20_000).map { podObject($0) } + (0..<500).map { policyObject($0) }
        let full = clock.measure { _ = compiler.update(objects.map { .set($0) }) }
        #expect(compiler.subjects.count == 100)
        #expect(compiler.tables.addresses.count >= 40_000)

        var adds: [Duration] = []
        for index in 20_000..<20_300 {
            let object = podObject(index)
            var changed = 0
            adds.append(clock.measure { changed = compiler.update([.set(object)]).tables.count })
            #expect(changed == 2)
        }
        var edits: [Duration] = []
        for index in 0..<60 {
            let object = policyObject(index * 5, port: UInt16(90 + index))
            edits.append(clock.measure { _ = compiler.update([.set(object)]) })
        }
        print(
            "scale: full compile of \(objects.count) objects \(full);",
            "pod add p50 \(adds.quantile(0.5)) p99 \(adds.quantile(0.99));",
            "policy edit p50 \(edits.quantile(0.5)) p99 \(edits.quantile(0.99));",
            "\(compiler.tables.rules.count) rules, \(compiler.tables.ports.count) ports")
    }
}

extension [Duration] {
    fileprivate func quantile(_ part: Double) -> Duration { sorted()[Int(Double(count - 1) * part)] }
}
