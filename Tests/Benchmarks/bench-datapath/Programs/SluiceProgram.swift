import CLibbpf
import Glibc
import KernelDatapath
import VerdictTables

/// Sluice itself, with pins of its own.
final class SluiceProgram: Candidate {
    let name: String
    let pins: Pins
    let driver: TableDriver
    private var clocks: [String: ProgramClock] = [:]
    private var descriptors: [Int32] = []

    init(_ name: String, pins: Pins) throws {
        self.name = name
        self.pins = pins
        _ = try DatapathObject(pins: pins)
        driver = try TableDriver(pins: pins)
        for (label, program) in [
            (egressClock, DatapathProgram.egress), ("connect4", .connect4), ("sendmsg4", .sendmsg4),
        ] {
            let descriptor = try LibraryError.check(bpf_obj_get(pins.path(program)), program.rawValue)
            descriptors.append(descriptor)
            clocks[label] = ProgramClock(descriptor)
        }
    }

    deinit { remove() }

    /// Takes everything of it away.
    func remove() {
        for descriptor in descriptors { close(descriptor) }
        descriptors = []
        _ = try? pins.removeEverything()
    }

    func attach(to cgroup: String) throws -> [String: ProgramClock] {
        try Attachments(pins: pins).attach(to: cgroup)
        return clocks
    }

    func detach() throws {
        try Attachments(pins: pins).detachAll()
    }
}
