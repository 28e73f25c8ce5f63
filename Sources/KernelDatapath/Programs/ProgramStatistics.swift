import CLibbpf
import CSluice
import LinuxBase

/// How often a program ran and for how long, as the kernel counts while kernel.bpf_stats_enabled is 1.
public struct ProgramStatistics: Hashable, Sendable {
    public var program: DatapathProgram
    /// bpf_prog_info.run_cnt
    public var runs: UInt64
    /// bpf_prog_info.run_time_ns
    public var nanoseconds: UInt64

    /// Of the pinned programs; an agent's start replaces them, and they begin at zero.
    public static func read(pins: Pins) throws(KernelError) -> [ProgramStatistics] {
        var all: [ProgramStatistics] = []
        for program in DatapathProgram.allCases where Files.exists(pins.path(program)) {
            let descriptor = try Descriptor(program: program, of: pins)
            var info = bpf_prog_info()
            var size = UInt32(MemoryLayout<bpf_prog_info>.size)
            try KernelError.check(
                bpf_obj_get_info_by_fd(descriptor.raw, &info, &size), .query, program.rawValue)
            all.append(
                ProgramStatistics(program: program, runs: info.run_cnt, nanoseconds: info.run_time_ns))
        }
        return all
    }
}
