import KubernetesObjects
import ManifestSource
import PolicyModel
import Testing

@Suite struct ManifestStoreTests {
    private var store = ManifestStore()

    private func namespace(_ name: String, _ label: String = "") -> ClusterChange {
        .set(.namespace(Namespace(name: name, labels: ["kubernetes.io/metadata.name": name, "l": label])))
    }

    private func gone(_ name: String) -> ClusterChange { .remove(ObjectReference(.namespace, "", name)) }

    private func text(_ names: [(String, String)]) -> [UInt8] {
        Array(
            names.map { "apiVersion: v1\nkind: Namespace\nmetadata: {name: \($0), labels: {l: '\($1)'}}\n" }
                .joined(separator: "---\n").utf8)
    }

    @Test("an update gives the differences alone") mutating func emitsDifferences() {
        #expect(store.update(file: "a", contents: text([("x", ""), ("y", "")])) == .accepted)
        #expect(store.drainChanges() == [namespace("x"), namespace("y")])
        #expect(store.drainChanges() == [])
        store.update(file: "a", contents: text([("x", ""), ("y", "2")]))
        #expect(store.drainChanges() == [namespace("y", "2")])
        store.update(file: "a", contents: text([("y", "2")]))
        #expect(store.drainChanges() == [gone("x")])
        #expect(store.update(file: "a", contents: nil) == .removed)
        #expect(store.drainChanges() == [gone("y")])
        #expect(store.diagnostics == [])
    }

    @Test("an object moves between files without a gap") mutating func anObjectMovesBetweenFilesWithoutAGap() {
        store.update(file: "a", contents: text([("x", "")]))
        _ = store.drainChanges()
        store.update(file: "a", contents: nil)
        store.update(file: "b", contents: text([("x", "")]))
        #expect(store.drainChanges() == [])
        #expect(store.fileNames == ["b"])
    }

    @Test("a broken file keeps its last good state", arguments: ["a: [", "a: \u{0}", "{\"kind\": \"Namespace\", "])
    mutating func aBrokenFileKeepsItsLastGoodState(broken: String) {
        store.update(file: "a", contents: text([("x", "")]))
        _ = store.drainChanges()
        #expect(store.update(file: "a", contents: Array(broken.utf8)) == .keptLastGood)
        #expect(store.drainChanges() == [])
        #expect(store.diagnostics.count == 1)
        #expect(store.diagnostics.first?.severity == .error)
        #expect(store.diagnostics.first?.origin.hasPrefix("a:") == true)
        #expect(store.diagnostics.first?.message.contains("last good") == true)
        store.update(file: "a", contents: text([("z", "")]))
        #expect(store.drainChanges() == [namespace("z"), gone("x")])
        #expect(store.diagnostics == [])
    }

    @Test("a file that was never good holds nothing") mutating func aFileThatWasNeverGoodHoldsNothing() {
        #expect(store.update(file: "a", contents: Array("a: [".utf8)) == .keptLastGood)
        #expect(!store.holds("a"))
        #expect(store.drainChanges() == [])
        #expect(store.diagnostics.first?.message.contains("nothing in the file") == true)
        store.update(file: "a", contents: nil)
        #expect(store.diagnostics == [])
    }

    @Test("an emptied file is half written") mutating func anEmptiedFileIsHalfWritten() {
        #expect(store.update(file: "a", contents: []) == .accepted)
        store.update(file: "a", contents: text([("x", "")]))
        _ = store.drainChanges()
        #expect(store.update(file: "a", contents: []) == .keptLastGood)
        #expect(store.drainChanges() == [])
        #expect(store.diagnostics.map(\.severity) == [.warning])
        #expect(store.update(file: "a", contents: Array("# none\n---\n".utf8)) == .accepted)
        #expect(store.drainChanges() == [gone("x")])
        #expect(store.diagnostics == [])
    }

    @Test("the first definition stands") mutating func theFirstDefinitionStands() {
        store.update(file: "b", contents: text([("x", "b")]))
        #expect(store.drainChanges() == [namespace("x", "b")])
        store.update(file: "a", contents: text([("x", "a"), ("x", "a2")]))
        #expect(store.drainChanges() == [namespace("x", "a")])
        #expect(store.diagnostics.map(\.origin) == ["a:5", "b:1"])
        #expect(store.diagnostics.allSatisfy { $0.severity == .error && $0.message.contains("a:1") })
        store.update(file: "a", contents: nil)
        #expect(store.drainChanges() == [namespace("x", "b")])
        #expect(store.diagnostics == [])
    }

    @Test("diagnostics are replaced per file") mutating func diagnosticsAreReplacedPerFile() {
        store.update(file: "b", contents: Array("hello".utf8))
        store.update(file: "a", contents: Array("apiVersion: v1\nkind: Pod\n".utf8))
        #expect(store.diagnostics.map(\.origin) == ["a:1", "b"])
        store.update(file: "b", contents: Array("# fine".utf8))
        #expect(store.diagnostics.map(\.origin) == ["a:1"])
    }

    @Test("EndpointSlices are derived from services and pods") mutating func derivesEndpointSlices() {
        let service =
            "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {clusterIP: 10.96.0.1, selector: {a: b}, ports: [{port: 80}]}\n"
        let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p, labels: {a: b}}\nstatus: {podIP: 10.0.0.1}\n"
        let slice =
            "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: own, labels: {kubernetes.io/service-name: s}}\naddressType: IPv4\n"
        let derived = ObjectReference(.endpointSlice, "default", "s-derived")
        store.update(file: "a", contents: Array(service.utf8))
        store.update(file: "b", contents: Array(pod.utf8))
        let changes = store.drainChanges()
        #expect(changes.count == 3)
        #expect(changes.contains { if case .set(let object) = $0 { object.reference == derived } else { false } })
        store.update(file: "c", contents: Array(slice.utf8))
        #expect(store.drainChanges().contains(.remove(derived)))
        store.update(file: "c", contents: nil)
        #expect(store.drainChanges().count == 2)
        store.update(file: "b", contents: nil)
        #expect(
            store.drainChanges() == [.remove(derived), .remove(ObjectReference(.pod, "default", "p"))])
    }

    private static let first = """
        apiVersion: v1
        kind: Namespace
        metadata:
          name: open
        ---

        """
    private static let second = """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata:
          name: close
          namespace: open
        spec:
          podSelector: {}
          policyTypes:
          - Egress

        """

    @Test("a file cut off within a policy, wherever, loses nothing of what it held")
    mutating func cutOff() {
        let whole = Array((Self.first + Self.second).utf8)
        let policy = ObjectReference(.networkPolicy, "open", "close")
        for length in Self.first.utf8.count + 1..<whole.count {
            var store = ManifestStore()
            store.update(file: "a", contents: whole)
            _ = store.drainChanges()
            store.update(file: "a", contents: Array(whole[..<length]))
            let cut = String(decoding: whole[..<length], as: UTF8.self).suffix(20)
            #expect(!store.drainChanges().contains(.remove(policy)), "\(cut)")
        }
    }

    @Test("a document of a kind that nobody reads does not keep a file from losing a policy")
    mutating func otherKinds() {
        let other = "---\napiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\n"
        store.update(file: "a", contents: Array((Self.second + other).utf8))
        _ = store.drainChanges()
        #expect(store.update(file: "a", contents: Array(other.utf8)) == .accepted)
        #expect(store.drainChanges() == [.remove(ObjectReference(.networkPolicy, "open", "close"))])
    }
}
