// A process in a pod's cgroup and network namespace, which does what its standard input asks: one
// JSON request per line in, one JSON response per line out.
import FoundationEssentials
import Glibc
import PacketLab

// A request for a socket whose other end is gone must answer EPIPE.
signal(SIGPIPE, SIG_IGN)

var joined = Response(.ok)
do throws(Failure) {
    let startup = try Startup(CommandLine.arguments)
    try startup.join()
    if !startup.command.isEmpty { try startup.become() }
} catch {
    joined = Response(error)
}
Startup.endWithParent()

let agent = Agent()
let decoder = JSONDecoder()
let encoder = JSONEncoder()
guard Lines.write(try encoder.encode(joined)), joined.isOK else { exit(1) }

var lines = Lines()
while let line = lines.next() {
    let response: Response
    do {
        response = agent.answer(try decoder.decode(Request.self, from: line))
    } catch {
        response = Response(Failure("EPROTO", "\(error)"))
    }
    guard Lines.write(try encoder.encode(response)) else { break }
}
exit(0)
