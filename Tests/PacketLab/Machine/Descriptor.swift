import Glibc

/// A file descriptor that closes itself.
struct Descriptor: ~Copyable {
    let number: Int32

    private init(number: Int32) {
        self.number = number
    }

    deinit {
        close(number)
    }

    /// `socket(2)` inside a namespace, where the socket then stays.
    static func socket(
        in namespace: NetworkNamespace, family: Int32, type: __socket_type
    ) throws(LabError) -> Descriptor {
        let number = namespace.enter {
            Glibc.socket(family, Int32(type.rawValue | SOCK_CLOEXEC.rawValue), 0)
        }
        guard number >= 0 else { throw LabError("socket in \(namespace.name)") }
        return Descriptor(number: number)
    }
}
