public import SystemPackage

/// A pipe of which neither end is left to children; both close themselves. C: `pipe2(2)`.
public struct Pipe: ~Copyable {
    public let readEnd: Descriptor
    private var ownedWriteEnd: Descriptor?

    public init() throws(Errno) {
        let ends = try FileDescriptor.pipe(options: .closeOnExec)
        readEnd = Descriptor(owning: ends.readEnd.rawValue)
        ownedWriteEnd = Descriptor(owning: ends.writeEnd.rawValue)
    }

    /// -1 once it is closed.
    public var writeEnd: Int32 {
        switch ownedWriteEnd {
        case .some(let end): end.raw
        case nil: -1
        }
    }

    /// So that the read end sees the end of the stream when the children's copies are closed too.
    public mutating func closeWriteEnd() { ownedWriteEnd = nil }
}
