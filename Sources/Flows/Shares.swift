/// Who holds how many of what is limited, and in which order each holder's came.
///
/// Each call takes the same time however many holders there are.
struct Shares<Holder: Hashable & Sendable>: Sendable {
    private struct Held {
        /// In the order in which they came; those before `first` are gone.
        var numbers: [UInt64] = []
        var first = 0

        var count: Int { numbers.count - first }
    }

    private var held: [Holder: Held] = [:]
    /// The holders of so many each.
    private var bySize: [Int: Set<Holder>] = [:]
    private var most = 0

    /// One of those that hold most.
    var largest: Holder? { bySize[most]?.first }

    /// Whether the holder has at least its part of what all may hold.
    func hasShare(_ holder: Holder, of total: Int) -> Bool {
        (held[holder]?.count ?? 0) * held.count >= total
    }

    mutating func add(_ number: UInt64, of holder: Holder) {
        let size = held[holder]?.count ?? 0
        held[holder, default: Held()].numbers.append(number)
        move(holder, from: size, to: size + 1)
    }

    mutating func removeOldest(of holder: Holder) -> UInt64? {
        guard let share = held[holder], share.count > 0 else { return nil }
        let number = share.numbers[share.first]
        move(holder, from: share.count, to: share.count - 1)
        if share.count == 1 {
            held[holder] = nil
        } else {
            held[holder]?.first += 1
            tidy(holder)
        }
        return number
    }

    /// Gives back what numbers that are gone take, once they are half of all.
    private mutating func tidy(_ holder: Holder) {
        guard let share = held[holder], share.first > 16, share.first * 2 > share.numbers.count else { return }
        held[holder]?.numbers.removeFirst(share.first)
        held[holder]?.first = 0
    }

    private mutating func move(_ holder: Holder, from old: Int, to new: Int) {
        bySize[old]?.remove(holder)
        if bySize[old]?.isEmpty == true { bySize[old] = nil }
        if new > 0 { bySize[new, default: []].insert(holder) }
        most = max(most, new)
        while most > 0, bySize[most] == nil { most -= 1 }
    }
}
