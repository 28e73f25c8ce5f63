/// iproute2, for what is set up once.
enum IPCommand {
    static func run(_ arguments: [String], input: String = "") throws(LabError) {
        let (status, output) = try Command.run("ip", arguments, input: input)
        guard status == 0 else {
            throw LabError("ip \(arguments.joined(separator: " "))", "\(input)\(output)")
        }
    }
}
