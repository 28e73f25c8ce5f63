import KubernetesObjects
import Logging

/// How settings are read.
extension Field {
    /// Sets what the field says, if it says anything.
    func read<Value>(_ value: inout Value, _ reader: (Field) -> Value?) {
        if !isAbsent, let read = reader(self) { value = read }
    }

    /// A string that says something.
    func text() -> String? {
        guard let text = string() else { return nil }
        if !text.isEmpty { return text }
        error("must not be empty")
        return nil
    }

    /// A string; empty means none.
    func textOrNone() -> String?? {
        string().map { $0.isEmpty ? nil : $0 }
    }

    /// Where to listen; empty means nowhere.
    func listenAddress() -> ListenAddress?? {
        guard let text = string() else { return nil }
        if text.isEmpty { return .some(nil) }
        guard let address = ListenAddress(text) else {
            error("\(quoted(text)) is not \(ListenAddress.syntax), and not empty, which switches it off")
            return nil
        }
        return address
    }

    func logLevel() -> String? {
        guard let text = string() else { return nil }
        if Logger.Level(rawValue: text) != nil { return text }
        let levels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
        error("\(quoted(text)) is not one of \(levels)")
        return nil
    }

    /// One of an enumeration's texts.
    func choice<Choice: RawRepresentable & CaseIterable>() -> Choice?
    where Choice.RawValue == String {
        guard let text = string() else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        error(
            "\(quoted(text)) is not one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        return nil
    }

    func count(_ range: ClosedRange<UInt32>) -> UInt32? {
        guard let number = int() else { return nil }
        guard let count = UInt32(exactly: number), range.contains(count) else {
            error("\(number) is not within \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return count
    }

    func refuseFields(otherThan known: Set<String>) {
        for key in object()?.fields.keys.sorted() ?? [] where !known.contains(key) {
            self[key].error("is not a setting; there are \(known.sorted().joined(separator: ", "))")
        }
    }
}
