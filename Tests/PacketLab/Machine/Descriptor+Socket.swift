import Glibc
import LinuxBase

extension Descriptor {
    /// `socket(2)` inside a namespace, where the socket then stays.
    static func socket(
        in namespace: NetworkNamespace, family: Int32, type: __socket_type
    ) throws(LabError) -> Descriptor {
        let number = namespace.enter {
            Glibc.socket(family, Int32(type.rawValue | SOCK_CLOEXEC.rawValue), 0)
        }
        guard number >= 0 else { throw LabError("socket in \(namespace.name)") }
        return Descriptor(owning: number)
    }
}
