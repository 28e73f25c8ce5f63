import Glibc
import KernelDatapath
import Testing
import VerdictTables

@Suite struct CanaryTests {
    @Test("E8: only what refuses a canary counts as attached")
    func evidence() throws {
        try KernelFixture.with { fixture in
            let object = try DatapathObject(pins: fixture.pins)
            // As no tables are there, everything else is refused too; and that is no evidence.
            _ = try TableDriver(pins: fixture.pins).apply(TableChanges(), settings: NodeSettings(levels: [1]))
            func isProven() throws -> Bool { try object.prove(fixture.cgroup) == .proven(level: 1) }
            #expect(try !isProven())
            let attachments = Attachments(pins: fixture.pins, root: fixture.tree.root)
            try attachments.attach(to: fixture.cgroup)
            #expect(try isProven())
            #expect(access("\(fixture.cgroup)/sluice-canary", F_OK) != 0)
            try attachments.detach(fixture.cgroupID)
            #expect(try !isProven())
            #expect(throws: KernelError.self) { try object.prove("\(fixture.cgroup)/none") }
        }
    }

    @Test("E1: how deep a root lies, by the kernel's own word")
    func depth() throws {
        try KernelFixture.with { fixture in
            let object = try DatapathObject(pins: fixture.pins)
            #expect(try object.depth(of: fixture.tree) == 0)
            let below = "\(fixture.cgroup)/below"
            mkdir(below, 0o755)
            defer { rmdir(below) }
            #expect(try object.depth(of: CgroupTree(root: fixture.cgroup)) == 1)
            #expect(try object.depth(of: CgroupTree(root: below)) == 2)
        }
    }
}
