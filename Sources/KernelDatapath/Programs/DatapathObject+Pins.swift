import CLibbpf
import CSluice
import Glibc
import LinuxBase

extension DatapathObject {
    /// Puts back pins that others have removed or replaced, so that what is
    /// pinned is what this object loaded.
    ///
    /// - Returns: the paths that were put back.
    public func restorePins() throws(KernelError) -> [String] {
        var restored: [String] = []
        for program in DatapathProgram.allCases {
            let own = try handle(program)
            let path = pins.path(program)
            if Files.exists(path), let pinned = try? Descriptor(program: program, of: pins),
                try pinned.programID(program) == KernelDatapath.programID(own, program.rawValue)
            {
                continue
            }
            try restore(own, path)
            restored.append(path)
        }
        for map in DatapathMap.allCases {
            let own = try handle(map)
            let path = pins.path(map)
            if Files.exists(path), let pinned = try? Descriptor(map: map, of: pins, readOnly: true),
                try MapInfo(pinned, map).id == mapID(own, map)
            {
                continue
            }
            try restore(own, path)
            restored.append(path)
        }
        return restored
    }

    private func restore(_ descriptor: Int32, _ path: String) throws(KernelError) {
        try pins.prepare()
        try Self.pin(descriptor, over: path)
    }

    private func mapID(_ descriptor: Int32, _ map: DatapathMap) throws(KernelError) -> UInt32 {
        var info = bpf_map_info()
        var size = UInt32(MemoryLayout<bpf_map_info>.size)
        try KernelError.check(
            bpf_obj_get_info_by_fd(descriptor, &info, &size), .query, "map \(map.rawValue)")
        return info.id
    }
}
