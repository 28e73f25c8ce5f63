import CLibbpf
import CSluice
import KernelDatapath
import PolicyModel

/// bpf/read_answer.bpf.c: the kernel's reader of answers.
final class AnswerProgram {
    struct Result: Equatable {
        /// enum sluice_reading
        var outcome: UInt32
        var found: UInt32
        var aliases: UInt32 = 0
        /// Of each address how many aliases it has, as one number.
        var aliased: UInt64 = 0
        /// The aliases' names, as one number.
        var hashes: UInt64 = 0
    }

    /// What the program makes of a row of numbers.
    static func sum(_ numbers: some Sequence<UInt64>) -> UInt64 { numbers.reduce(0) { $0 &* 31 &+ $1 } }

    private let object: TestObject
    private let results: Int32
    private let place: Int32
    private let heard: Int32

    init() throws {
        object = try TestObject("read_answer", program: "read_one")
        results = object.map("results")
        place = object.map("place")
        heard = object.map("sluice_dns_seen")
        var zero: UInt32 = 0
        var settings = sluice_config()
        settings.ttl_floor = 60
        settings.ttl_ceiling = 3600
        guard bpf_map_update_elem(object.map("sluice_config"), &zero, &settings, 0) == 0 else {
            throw TestObject.Failed(what: "config")
        }
    }

    /// - Parameter namespace: in whose name addresses are noted.
    func read(_ packet: [UInt8], in namespace: UInt64) throws -> Result {
        var zero: UInt32 = 0
        var namespace = namespace
        guard bpf_map_update_elem(place, &zero, &namespace, 0) == 0 else { throw TestObject.Failed(what: "place") }
        try object.start(on: packet)
        var outcome: (UInt32, UInt32, UInt32, UInt32, UInt64, UInt64) = (0, 0, 0, 0, 0, 0)
        guard bpf_map_lookup_elem(results, &zero, &outcome) == 0 else { throw TestObject.Failed(what: "results") }
        return Result(
            outcome: outcome.0, found: outcome.1, aliases: outcome.2, aliased: outcome.4, hashes: outcome.5)
    }

    /// The name that was noted for an address, and for how many nanoseconds.
    func name(of address: IPAddress, in namespace: UInt64) -> (text: String, lifetime: UInt64)? {
        var key = HeardCodec.encode(
            key: LearnedPlace(NetworkNamespaceID(rawValue: namespace), address, index: 0))
        var value = sluice_learned()
        guard bpf_map_lookup_elem(heard, &key, &value) == 0, let name = HeardCodec.decode(value: value) else {
            return nil
        }
        return (name.name, name.expires - name.heard)
    }
}
