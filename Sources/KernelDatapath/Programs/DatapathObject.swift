import CLibbpf
import CLibbpfShim
import Glibc
import LinuxBase

/// The eBPF programs and maps, loaded from the object inside the executable and
/// pinned. Closing it takes nothing out of force: the pins hold.
public struct DatapathObject: ~Copyable {
    public let pins: Pins
    private let object: OpaquePointer
    /// libbpf's; this value keeps it.
    var raw: OpaquePointer { object }

    /// Takes over the maps that are pinned under the same layout, makes those
    /// that are missing, loads the programs and pins them over the old ones.
    ///
    /// Nothing is attached: fill the tables first, see `TableDriver`, for an
    /// empty table denies.
    ///
    /// - Parameter capacities: other capacities for maps that are made now; a
    ///   map that is taken over keeps its own.
    public init(
        pins: Pins = Pins(), capacities: [DatapathMap: UInt32] = [:]
    ) throws(KernelError) {
        try pins.prepare()
        let object = try LibbpfLog.explaining { () throws(KernelError) in try EmbeddedObject.openDatapath() }
        do {
            try LibbpfLog.explaining { () throws(KernelError) in
                try Self.placeMaps(of: object, pins, capacities)
                try Self.load(object)
                try Self.pinPrograms(of: object, pins)
            }
        } catch {
            bpf_object__close(object)
            throw error
        }
        self.pins = pins
        self.object = object
    }

    deinit { bpf_object__close(object) }

    private static func load(_ object: OpaquePointer) throws(KernelError) {
        let result = bpf_object__load(object)
        guard result < 0 else { return }
        // Without a right the verifier complains of anything but the right.
        let missing = Capabilities.missing
        throw KernelError(
            .load, "the eBPF programs", code: missing.isEmpty ? result : EPERM,
            context: missing.map { "\($0) is missing" })
    }

    /// Says where each map is pinned and how much it holds.
    private static func placeMaps(
        of object: OpaquePointer, _ pins: Pins, _ capacities: [DatapathMap: UInt32]
    ) throws(KernelError) {
        for map in DatapathMap.allCases {
            guard let handle = bpf_object__find_map_by_name(object, map.rawValue) else {
                throw KernelError(.load, "map \(map.rawValue)", code: ENOENT)
            }
            let path = pins.path(map)
            try KernelError.check(bpf_map__set_pin_path(handle, path), .load, path)
            var capacity = capacities[map]
            if Files.exists(path) {
                let pinned = try MapInfo(Descriptor(map: map, of: pins, readOnly: false), map)
                try checkCompatible(pinned, handle, path)
                capacity = pinned.capacity
            }
            if let capacity {
                try KernelError.check(bpf_map__set_max_entries(handle, capacity), .load, path)
            }
        }
    }

    private static func checkCompatible(
        _ pinned: MapInfo, _ handle: OpaquePointer, _ path: String
    ) throws(KernelError) {
        let pairs: [(String, UInt32, UInt32)] = [
            ("type", pinned.type, bpf_map__type(handle).rawValue),
            ("key size", pinned.keySize, bpf_map__key_size(handle)),
            ("value size", pinned.valueSize, bpf_map__value_size(handle)),
            ("flags", pinned.flags, bpf_map__map_flags(handle)),
        ]
        let differences = pairs.filter { $0.1 != $0.2 }
        guard differences.isEmpty else {
            throw KernelError(
                .reuse, path, code: EINVAL,
                context: differences.map { "\($0.0): pinned \($0.1), this build \($0.2)" })
        }
    }

    /// Pins beside the old pin and renames over it, so that one is always there.
    private static func pinPrograms(of object: OpaquePointer, _ pins: Pins) throws(KernelError) {
        for program in DatapathProgram.allCases {
            guard let handle = bpf_object__find_program_by_name(object, program.rawValue) else {
                throw KernelError(.load, "program \(program.rawValue)", code: ENOENT)
            }
            try pin(bpf_program__fd(handle), over: pins.path(program))
        }
    }

    static func pin(_ descriptor: Int32, over path: String) throws(KernelError) {
        // Dots are reserved in a bpffs.
        let fresh = path + "_new"
        try Files.remove(fresh)
        try KernelError.check(bpf_obj_pin(descriptor, fresh), .pin, fresh)
        try KernelError.checkErrno(rename(fresh, path), .pin, path)
    }

    /// The descriptor of a loaded program; the object keeps it.
    func handle(_ program: DatapathProgram) throws(KernelError) -> Int32 {
        let raw = bpf_program__fd(bpf_object__find_program_by_name(object, program.rawValue))
        try KernelError.check(raw, .query, "program \(program.rawValue)")
        return raw
    }

    /// The descriptor of a map; the object keeps it.
    func handle(_ map: DatapathMap) throws(KernelError) -> Int32 {
        let raw = bpf_map__fd(bpf_object__find_map_by_name(object, map.rawValue))
        try KernelError.check(raw, .query, "map \(map.rawValue)")
        return raw
    }
}
