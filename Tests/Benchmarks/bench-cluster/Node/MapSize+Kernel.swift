import BenchmarkSupport
import CLibbpf
import Glibc
import KernelDatapath

extension MapSize {
    /// The maps whose filling up would be an error.
    static func all(pins: Pins) throws -> [MapSize] {
        try KernelTables(pins: pins).fillLevels().sorted { $0.key.rawValue < $1.key.rawValue }.map { map, level in
            MapSize(name: map.rawValue, entries: level.used, mebibytes: try mebibytes(pins.path(map)))
        }
    }

    /// `memlock` in /proc/PID/fdinfo, which the kernel writes of a map's descriptor.
    private static func mebibytes(_ pin: String) throws -> Double {
        let descriptor = bpf_obj_get(pin)
        guard descriptor >= 0 else { throw BenchmarkError("\(pin): \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        for line in readText("/proc/self/fdinfo/\(descriptor)").split(separator: "\n") {
            let words = line.split { $0 == "\t" || $0 == " " }
            if words.first == "memlock:", words.count > 1, let bytes = Double(words[1]) { return bytes / 1_048_576 }
        }
        throw BenchmarkError("\(pin): the kernel does not tell its size")
    }
}
