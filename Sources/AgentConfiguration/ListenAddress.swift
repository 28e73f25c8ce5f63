public import PolicyModel

/// A TCP address to listen on.
public struct ListenAddress: Hashable, Sendable, LosslessStringConvertible {
    public var address: IPAddress
    /// 0: one that the kernel chooses.
    public var port: UInt16

    public init(_ address: IPAddress, _ port: UInt16) {
        self.address = address
        self.port = port
    }

    /// 127.0.0.1:7584. Kubelet, and whatever else shares the node's network,
    /// reaches it; nobody from elsewhere does.
    public static let loopback = ListenAddress(IPAddress(ipv4: 0x7f00_0001), 7584)

    /// What the text must look like, for messages.
    package static let syntax = "an IP address and a port, for instance 127.0.0.1:7584 or [::1]:7584"

    /// - Parameter text: `127.0.0.1:7584`, `[::1]:7584`. Names are refused: what
    ///   they stand for may change.
    public init?(_ text: String) {
        guard let parsed = AddressPort(text), parsed.port > 0 else { return nil }
        self.init(parsed.address, parsed.port)
    }

    public var description: String { AddressPort(address, port).description }
}
