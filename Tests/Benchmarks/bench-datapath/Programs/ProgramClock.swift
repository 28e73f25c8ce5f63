import CLibbpf
import Glibc

/// The kernel's own account of one program.
final class ProgramClock {
    private let descriptor: Int32

    init(owning descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    struct Reading {
        var nanoseconds: UInt64
        var runs: UInt64

        /// What happened since then.
        func since(_ earlier: Reading) -> Reading {
            Reading(nanoseconds: nanoseconds - earlier.nanoseconds, runs: runs - earlier.runs)
        }

        var perRun: Double { runs == 0 ? .nan : Double(nanoseconds) / Double(runs) }
    }

    /// `run_time_ns` and `run_cnt` of bpf_prog_info.
    func read() throws -> Reading {
        var info = bpf_prog_info()
        var size = UInt32(MemoryLayout<bpf_prog_info>.size)
        try LibraryError.check(bpf_obj_get_info_by_fd(descriptor, &info, &size), "bpf_prog_info")
        return Reading(nanoseconds: info.run_time_ns, runs: info.run_cnt)
    }
}

/// Counting is on while this lives, as by `kernel.bpf_stats_enabled`, and then as it was before
/// (BPF_ENABLE_STATS).
struct StatisticsSwitch: ~Copyable {
    private let descriptor: Int32

    init() throws {
        descriptor = try LibraryError.check(bpf_enable_stats(BPF_STATS_RUN_TIME), "BPF_ENABLE_STATS")
    }

    deinit { close(descriptor) }
}
