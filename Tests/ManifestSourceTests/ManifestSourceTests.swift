import Glibc
import KubernetesObjects
import ManifestSource
import PolicyModel
import SystemPackage
import Testing

@Suite(.timeLimit(.minutes(1))) struct ManifestSourceTests {
    private let directory: TemporaryDirectory
    private let state: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        state = try TemporaryDirectory()
    }

    private func source(_ name: String? = nil) throws -> ManifestSource {
        let path = name.map { directory.path.appending($0) } ?? directory.path
        return try ManifestSource(path: path, options: .init(stateDirectory: state.path))
    }

    private func manifest(_ name: String) -> String {
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: \(name)}\n"
    }

    private func names(_ batch: ClusterBatch?) -> [String] {
        (batch?.changes ?? []).map {
            switch $0 {
            case .set(let object): object.reference.name
            case .remove(let reference): "-\(reference.name)"
            }
        }
    }

    /// What a source says first.
    private func contents(_ source: ManifestSource) async throws -> ClusterBatch {
        defer { source.stop() }
        var batches = try source.batches().makeAsyncIterator()
        return try #require(await batches.next())
    }

    /// The next batch that changes something: a look may fall between the
    /// emptying of a file and its writing, and then only warns.
    private func nextNames(_ batches: inout AsyncStream<ClusterBatch>.Iterator) async -> [String] {
        while let batch = await batches.next() {
            if !batch.changes.isEmpty { return names(batch) }
        }
        return []
    }

    @Test("reads what is a manifest") func readsWhatIsAManifest() async throws {
        for (index, file) in ["b.yml", "a.yaml", "c.json", "sub/deep/d.yaml"].enumerated() {
            if index == 3 { directory.makeDirectory("sub"); directory.makeDirectory("sub/deep") }
            try directory.write(file, manifest("n\(index)"))
        }
        for file in ["e.txt", ".f.yaml", "yaml", ".yaml", "g.yaml~"] { try directory.write(file, manifest("no")) }
        directory.makeDirectory(".git")
        try directory.write(".git/h.yaml", manifest("no"))
        mkfifo(directory.path.appending("fifo.yaml").string, 0o600)
        let batch = try await contents(source())
        #expect(names(batch) == ["n0", "n1", "n2", "n3"])
        #expect(batch.diagnostics == [])
    }

    @Test("reads one file") func readsOneFile() async throws {
        try directory.write("a.yaml", manifest("a"))
        try directory.write("b.yaml", manifest("b"))
        #expect(try await names(contents(source("a.yaml"))) == ["a"])
    }

    @Test("a missing source is told") func aMissingSourceIsTold() async throws {
        let batch = try await contents(source("none"))
        #expect(batch.changes == [])
        #expect(batch.diagnostics.map(\.severity) == [.error])
    }

    @Test("refuses files over the limit") func refusesFilesOverTheLimit() async throws {
        try directory.write("a.yaml", manifest("a") + String(repeating: "#", count: 1000))
        var options = ManifestSource.Options()
        options.limits.bytes = 1000
        let batch = try await contents(ManifestSource(path: directory.path, options: options))
        #expect(batch.changes == [])
        #expect(batch.diagnostics.first?.message.contains("limit of 1000 bytes") == true)
    }

    @Test("tells of changes") func tellsOfChanges() async throws {
        try directory.write("a.yaml", manifest("a"))
        let source = try source()
        var batches = try source.batches().makeAsyncIterator()
        #expect(await nextNames(&batches) == ["a"])
        try directory.write("b.yaml", manifest("b"))
        #expect(await nextNames(&batches) == ["b"])
        // In a directory that appears together with its file.
        directory.makeDirectory("sub")
        try directory.write("sub/c.yaml", manifest("c"))
        #expect(await nextNames(&batches) == ["c"])
        try directory.write("sub/c.yaml", manifest("c2"))
        #expect(await nextNames(&batches) == ["c2", "-c"])
        // The directory moves: nothing changes but the name, so the next change is told alone.
        directory.move("sub", to: "sub2")
        try directory.write("d.yaml", manifest("d"))
        #expect(await nextNames(&batches) == ["d"])
        try directory.write("sub2/c.yaml", manifest("c3"))
        #expect(await nextNames(&batches) == ["c3", "-c2"])
        directory.remove("sub2")
        #expect(await nextNames(&batches) == ["-c3"])
        // An editor's way: write beside it, then rename over it.
        try directory.write(".a.yaml.swp", manifest("a2"))
        directory.move(".a.yaml.swp", to: "a.yaml")
        #expect(await nextNames(&batches) == ["a2", "-a"])
        source.stop()
        #expect(await batches.next() == nil)
    }

    @Test("follows ConfigMap volumes") func followsConfigMapVolumes() async throws {
        directory.makeDirectory("..1")
        try directory.write("..1/p.yaml", manifest("a"))
        directory.link("..data", to: "..1")
        directory.link("p.yaml", to: "..data/p.yaml")
        let source = try source()
        var batches = try source.batches().makeAsyncIterator()
        #expect(await nextNames(&batches) == ["a"])
        directory.makeDirectory("..2")
        try directory.write("..2/p.yaml", manifest("b"))
        directory.link("..data_tmp", to: "..2")
        directory.move("..data_tmp", to: "..data")
        #expect(await nextNames(&batches) == ["b", "-a"])
        source.stop()
    }

    @Test("watches one file") func watchesOneFile() async throws {
        try directory.write("a.yaml", manifest("a"))
        let source = try source("a.yaml")
        var batches = try source.batches().makeAsyncIterator()
        #expect(await nextNames(&batches) == ["a"])
        try directory.write("new.yaml", manifest("b"))
        directory.move("new.yaml", to: "a.yaml")
        #expect(await nextNames(&batches) == ["b", "-a"])
        source.stop()
    }

    @Test("keeps last good states across restarts") func keepsLastGoodStatesAcrossRestarts() async throws {
        directory.makeDirectory("sub")
        try directory.write("sub/a.yaml", manifest("a"))
        try directory.write("b.yaml", manifest("b"))
        let first = try source()
        var batches = try first.batches().makeAsyncIterator()
        _ = await batches.next()
        try directory.write("sub/a.yaml", "kind: [")
        var broken = await batches.next()
        while broken?.diagnostics.first?.severity == .warning { broken = await batches.next() }
        #expect(broken?.changes == [])
        #expect(broken?.diagnostics.map(\.origin.isEmpty) == [false])
        first.stop()
        #expect(await batches.next() == nil)

        let second = try await contents(source())
        #expect(names(second) == ["a", "b"])
        #expect(second.diagnostics.count == 1)
        #expect(second.diagnostics.first?.origin.hasPrefix("\(directory.path)/sub/a.yaml:") == true)

        // A source that is away altogether.
        directory.move("b.yaml", to: "c.txt")
        rename(directory.path.string, directory.path.string + "-away")
        let third = try await contents(source())
        rename(directory.path.string + "-away", directory.path.string)
        #expect(names(third) == ["a", "b"])
        #expect(third.diagnostics.count == 1)

        // What was deleted in the meantime does not come back.
        directory.remove("sub")
        #expect(try await names(contents(source())) == [])
        #expect(!state.exists("last-good/sub/a.yaml"))
        #expect(!state.exists("last-good/b.yaml"))
    }

    @Test("an emptied file keeps its state across restarts")
    func anEmptiedFileKeepsItsStateAcrossRestarts() async throws {
        try directory.write("a.yaml", manifest("a"))
        let first = try source()
        var batches = try first.batches().makeAsyncIterator()
        _ = await batches.next()
        try directory.write("a.yaml", "")
        #expect(await batches.next()?.diagnostics.map(\.severity) == [.warning])
        first.stop()
        // The thread saves its copies before it ends.
        #expect(await batches.next() == nil)
        #expect(try await names(contents(source())) == ["a"])
    }

    @Test("delivers bursts together") func deliversBurstsTogether() async throws {
        let source = try source()
        var batches = try source.batches().makeAsyncIterator()
        _ = await batches.next()
        for index in 0..<50 { try directory.write("f\(index).yaml", manifest("n\(index)")) }
        var count = 0
        var seen = 0
        while seen < 50 {
            seen += await nextNames(&batches).count
            count += 1
        }
        #expect(count <= 5)
        source.stop()
    }
}
