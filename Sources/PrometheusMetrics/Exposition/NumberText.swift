/// A number as both formats write it: with a point or an exponent, as OpenMetrics wants of the bounds
/// of buckets, so that the same series come out of both.
enum NumberText {
    static func of(_ number: Double) -> String {
        if number.isNaN { return "NaN" }
        if number.isInfinite { return number < 0 ? "-Inf" : "+Inf" }
        return number.description
    }
}
