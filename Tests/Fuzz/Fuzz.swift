import KubernetesObjects
import PolicyModel

/// libFuzzer's entry. The first byte chooses what is fed with the rest.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    guard let selector = input.first else { return 0 }
    let rest = Array(input.dropFirst())
    switch selector {
    case UInt8(ascii: "c"): checkPrefix(rest)
    case UInt8(ascii: "s"): checkSelector(rest)
    case UInt8(ascii: "p"): checkPorts(rest)
    case UInt8(ascii: "l"): checkList(rest)
    case UInt8(ascii: "w"): checkWatchLine(rest)
    case UInt8(ascii: "o"): checkRequest(rest)
    case UInt8(ascii: "f"): checkFlow(rest)
    case UInt8(ascii: "k"): checkKubeconfig(rest)
    case UInt8(ascii: "e"): checkRecord(rest)
    default: checkManifest(rest)
    }
    return 0
}

/// Ends the process where an invariant does not hold, which libFuzzer reports
/// with the input.
func require(_ condition: Bool, _ message: @autoclosure () -> String) {
    precondition(condition, message())
}
