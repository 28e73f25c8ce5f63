import FoundationEssentials
import Glibc
import PacketLab

/// A wall clock that can be set for one program, by a library loaded before others: the kernel has
/// one for the whole machine.
final class FalseClock {
    /// `env(1)` and its arguments, before the program's own words.
    let words: [String]
    private let file: String

    init(in directory: String) throws {
        file = "\(directory)/clock"
        let (source, library) = ("\(directory)/clock.c", "\(directory)/clock.so")
        try Self.source.write(toFile: source, atomically: false, encoding: .utf8)
        let (status, output) = try Command.run(
            "clang", ["-shared", "-fPIC", "-O2", "-DFILE_NAME=\"\(file)\"", "-o", library, source])
        guard status == 0 else { throw LabError("compilation of \(source)", output) }
        words = ["env", "LD_PRELOAD=\(library)"]
    }

    /// - Parameter seconds: from now on it differs from the machine's by these.
    func set(_ seconds: Int) throws {
        try "\(seconds)".write(toFile: file, atomically: true, encoding: .utf8)
    }

    /// Of the date that the machine's clock will show then.
    static func year(afterDays days: Int) -> Int {
        var seconds = time(nil) + days * 86_400
        var date = tm()
        localtime_r(&seconds, &date)
        return Int(date.tm_year) + 1900
    }

    private static let source = """
        #include <stdio.h>
        #include <sys/syscall.h>
        #include <time.h>
        #include <unistd.h>

        int clock_gettime(clockid_t clock, struct timespec *now)
        {
            int result = syscall(SYS_clock_gettime, clock, now);
            long seconds = 0;
            if (result == 0 && clock == CLOCK_REALTIME) {
                FILE *file = fopen(FILE_NAME, "re");
                if (file) {
                    if (fscanf(file, "%ld", &seconds) != 1)
                        seconds = 0;
                    fclose(file);
                }
                now->tv_sec += seconds;
            }
            return result;
        }

        time_t time(time_t *out)
        {
            struct timespec now;
            clock_gettime(CLOCK_REALTIME, &now);
            if (out)
                *out = now.tv_sec;
            return now.tv_sec;
        }

        """
}
