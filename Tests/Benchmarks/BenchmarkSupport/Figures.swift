extension [Double] {
    /// The nearest of the sorted values; not a number where there are none.
    public func quantile(_ part: Double) -> Double {
        guard !isEmpty else { return .nan }
        let place = Int((Double(count - 1) * part).rounded())
        return sorted()[place]
    }
}

public func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
}

/// With so many places after the point.
public func fixed(_ number: Double, _ places: Int) -> String {
    guard number.isFinite else { return "–" }
    var scale = 1.0
    for _ in 0..<places { scale *= 10 }
    let scaled = Int((number.magnitude * scale).rounded())
    let sign = number < 0 ? "-" : ""
    guard places > 0 else { return "\(sign)\(scaled)" }
    let fraction = String(scaled % Int(scale))
    return "\(sign)\(scaled / Int(scale))." + String(repeating: "0", count: places - fraction.count) + fraction
}
