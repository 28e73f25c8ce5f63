import Glibc
import TestHarness

/// Answers lists as an API server does, over HTTP on loopback: a namespace, a pod and
/// a policy that selects nothing.
final class ListServer: Sendable {
    private let descriptor: Int32
    private let port: UInt16

    /// - Parameter path: what it answers with 403.
    init(refusing path: String?) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, length) + listen(descriptor, 16) + getsockname(descriptor, address, &length)
            }
        }
        guard result == 0 else { throw Unexpected("no socket to listen on: \(errno)") }
        port = UInt16(bigEndian: address.sin_port)
        Task.detached {
            while case let connection = accept(descriptor, nil, nil), connection >= 0 {
                Self.answer(connection, refusing: path)
                close(connection)
            }
        }
    }

    func stop() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    var kubeconfig: String {
        """
        apiVersion: v1
        kind: Config
        clusters: [{name: c, cluster: {server: "http://127.0.0.1:\(port)"}}]
        contexts: [{name: c, context: {cluster: c, user: u}}]
        users: [{name: u, user: {}}]
        current-context: c

        """
    }

    private static let kinds = [
        "/api/v1/namespaces": ("Namespace", #"{"metadata":{"name":"shop"}}"#),
        "/api/v1/nodes": ("Node", ""),
        "/api/v1/pods": ("Pod", pod),
        "/api/v1/services": ("Service", ""),
        "/apis/discovery.k8s.io/v1/endpointslices": ("EndpointSlice", ""),
        "/apis/networking.k8s.io/v1/networkpolicies": (
            "NetworkPolicy",
            #"{"metadata":{"name":"p","namespace":"shop"},"spec":{"podSelector":{"matchLabels":{"app":"x"}}}}"#
        ),
    ]

    private static let pod = """
        {"metadata":{"name":"web","namespace":"shop"},"spec":{"containers":[{"name":"c"}]},\
        "status":{"podIPs":[{"ip":"10.0.0.1"}]}}
        """

    private static func answer(_ connection: Int32, refusing refused: String?) {
        var request: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while request.suffix(4) != [13, 10, 13, 10] {
            let count = read(connection, &buffer, buffer.count)
            guard count > 0 else { return }
            request += buffer[..<count]
        }
        let target = String(decoding: request, as: UTF8.self).split(separator: " ").dropFirst().first ?? ""
        let path = String(target.prefix { $0 != "?" })
        var status = "404 Not Found"
        var body = #"{"kind":"Status","code":404,"message":"not found"}"#
        if path == refused {
            status = "403 Forbidden"
            body = #"{"kind":"Status","code":403,"reason":"Forbidden","message":"u cannot list resource"}"#
        } else if let (kind, item) = kinds[path] {
            status = "200 OK"
            body = #"{"kind":"\#(kind)List","metadata":{"resourceVersion":"1"},"items":[\#(item)]}"#
        }
        let head = "HTTP/1.1 \(status)\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n"
        let bytes = Array((head + "Connection: close\r\n\r\n" + body).utf8)
        var sent = 0
        while sent < bytes.count {
            let count = send(connection, Array(bytes[sent...]), bytes.count - sent, Int32(MSG_NOSIGNAL))
            guard count > 0 else { return }
            sent += count
        }
    }
}
