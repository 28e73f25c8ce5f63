import Glibc

/// Steele, Lea and Flood's SplitMix64: small, and the same everywhere.
public struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// True once in `count` times.
    public mutating func oneIn(_ count: Int) -> Bool { Int.random(in: 0..<count, using: &self) == 0 }

    public mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

    public mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: 0..<elements.count, using: &self)]
    }

    /// Each element with an even chance.
    public mutating func some<Element>(_ elements: [Element]) -> [Element] {
        elements.filter { _ in oneIn(2) }
    }

    public mutating func list<Element>(_ range: ClosedRange<Int>, _ make: (inout SplitMix64) -> Element) -> [Element] {
        (0..<number(range)).map { _ in make(&self) }
    }
}

/// SLUICE_SEED, or one that nobody chose. Whoever uses it prints it.
public let chosenSeed: UInt64 = {
    if let text = getenv("SLUICE_SEED"), let seed = UInt64(String(cString: text)) { return seed }
    return UInt64.random(in: 0..<1_000_000_000_000)
}()
