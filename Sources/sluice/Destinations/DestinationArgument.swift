import PolicyModel

/// The destination that a question is about, as the user writes it.
enum DestinationArgument {
    case place(Destination)
    case object(ObjectDestination)

    static let form = "\(Destination.form); or \(ObjectDestination.form)"

    /// - Throws: `Failure` that says what is wrong and what to write.
    init(_ text: String) throws {
        if let object = try ObjectDestination(text) {
            self = .object(object)
        } else {
            self = .place(try Destination(text))
        }
    }
}
