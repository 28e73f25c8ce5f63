extension [Double] {
    /// The nearest of the sorted values; not a number where there are none.
    public func quantile(_ part: Double) -> Double {
        guard !isEmpty else { return .nan }
        let place = Int((Double(count - 1) * part).rounded())
        return sorted()[place]
    }

    /// The one in the middle, or the mean of the two; not a number where there are none.
    public var median: Double {
        guard !isEmpty else { return .nan }
        let sorted = sorted()
        return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2
    }
}

public func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
}

/// With so many places after the point, and commas between the thousands.
public func fixed(_ number: Double, _ places: Int) -> String {
    guard number.isFinite else { return "–" }
    var scale = 1.0
    for _ in 0..<places { scale *= 10 }
    let scaled = Int((number.magnitude * scale).rounded())
    let sign = number < 0 && scaled > 0 ? "-" : ""
    guard places > 0 else { return sign + grouped(scaled) }
    let fraction = String(scaled % Int(scale))
    return sign + grouped(scaled / Int(scale)) + "."
        + String(repeating: "0", count: places - fraction.count) + fraction
}

/// With commas between the thousands.
public func grouped(_ number: Int) -> String {
    let digits = String(number.magnitude)
    var text = number < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
        if index > 0 && (digits.count - index).isMultiple(of: 3) { text += "," }
        text.append(digit)
    }
    return text
}
