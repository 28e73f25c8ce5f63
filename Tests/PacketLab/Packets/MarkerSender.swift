import CPacketLab
import Glibc
import LinuxBase

/// Sends frames that follow everything sent before them, so that their arrival proves that the
/// rest has arrived too.
struct MarkerSender: ~Copyable {
    private let descriptor: Descriptor
    private let address: SocketAddress
    private let processors: [Int]

    init(in namespace: NetworkNamespace, interface: String) throws(LabError) {
        let index = try namespace.index(of: interface)
        let socket = try Descriptor.socket(in: namespace, family: AF_PACKET, type: SOCK_DGRAM)
        address = LinkLayer.address(
            protocol: LinkLayer.marker, interface: index,
            destination: [0xff, 0xff, 0xff, 0xff, 0xff, 0xff])
        processors = Affinity.current.processors
        descriptor = socket
    }

    /// One marker from each processor: a veth's receive queue is per processor, and in order.
    func send() throws(LabError) -> Set<UInt64> {
        let before = Affinity.current
        defer { before.apply() }
        var markers: Set<UInt64> = []
        for processor in processors {
            Affinity(processor: processor).apply()
            var marker = UInt64.random(in: .min ... .max)
            let sent = address.withPointer { sendto(descriptor.raw, &marker, 8, 0, $0, $1) }
            guard sent == 8 else { throw LabError("marker") }
            markers.insert(marker)
        }
        return markers
    }
}

/// The processors that the calling thread may run on.
private struct Affinity {
    private var words: [UInt]

    static var current: Affinity {
        var words = [UInt](repeating: 0, count: 128)
        let length = lab_runs_on(&words, UInt(words.count * 8))
        return Affinity(words: Array(words.prefix(max(1, Int(length) / 8))))
    }

    private init(words: [UInt]) {
        self.words = words
    }

    init(processor: Int) {
        words = Array(repeating: 0, count: processor / 64 + 1)
        words[processor / 64] = 1 << UInt(processor % 64)
    }

    var processors: [Int] {
        (0..<words.count * 64).filter { words[$0 / 64] >> UInt($0 % 64) & 1 == 1 }
    }

    func apply() {
        _ = lab_run_on(words, UInt(words.count * 8))
    }
}
