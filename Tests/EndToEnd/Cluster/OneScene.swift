import PacketLab
import Testing

/// What the tests of a suite share.
protocol Scene: AnyObject {
    func close()
}

/// Makes one scene for a whole suite, and closes it afterwards.
struct OneScene: SuiteTrait, TestScoping {
    /// Tests run one after the other.
    private struct Holder: @unchecked Sendable { let scene: any Scene }

    @TaskLocal private static var shared: Holder?

    fileprivate let make: @Sendable () throws -> any Scene

    /// The scene of the suite that runs.
    static func current<Wanted: Scene>() throws -> Wanted {
        try #require(shared?.scene as? Wanted)
    }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let holder = Holder(scene: try make())
        defer { holder.scene.close() }
        try await Self.$shared.withValue(holder) { try await function() }
    }
}

extension Trait where Self == OneScene {
    static func oneScene(_ make: @escaping @Sendable () throws -> any Scene) -> Self { OneScene(make: make) }
}
