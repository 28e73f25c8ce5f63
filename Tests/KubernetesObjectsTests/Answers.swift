import KubernetesObjects
import PolicyModel
import Testing

/// Objects with every field that Sluice reads, and many that it does not.
enum FullObject {
    static let pod = """
        {"metadata":{"name":"p","generateName":"p-","namespace":"x","uid":"u","resourceVersion":"7",
        "creationTimestamp":"2024-01-01T00:00:00Z","labels":{"a":"b","e":""},
        "annotations":{"kubernetes.io/config.hash":"0123456789abcdef0123456789abcdef","other":"{\\"a\\":1}",
        "kubernetes.io/config.mirror":"0123456789abcdef0123456789abcdef","kubernetes.io/config.source":"file"},
        "ownerReferences":[{"apiVersion":"v1","kind":"Node","name":"n","uid":"v","controller":true}],
        "deletionTimestamp":null,"managedFields":[{"manager":"k","fieldsV1":{"f:metadata":{".":{}}}}]},
        "spec":{"volumes":[{"name":"v","projected":{"sources":[]}}],"nodeName":"n","hostNetwork":true,
        "serviceAccountName":"sa","serviceAccount":"sa","priority":-1.5e3,
        "initContainers":[{"name":"i","restartPolicy":"Always","image":"y",
          "ports":[{"name":"side","containerPort":15001,"protocol":"TCP","hostPort":1}]}],
        "containers":[{"name":"c","image":"z","env":[{"name":"A","value":"\\u00e9\\ud83d\\ude00"}],
          "ports":[{"name":"web","containerPort":8080,"protocol":"UDP"}]}],"tolerations":[{"key":"k"}]},
        "status":{"phase":"Running","podIP":"10.0.0.1","podIPs":[{"ip":"10.0.0.1"},{"ip":"fd00::1"}],
        "hostIP":"192.0.2.1","conditions":[{"type":"Ready","status":"False","lastTransitionTime":null}],
        "containerStatuses":[{"name":"c","ready":false,"restartCount":3}],"qosClass":"BestEffort"}}
        """
    static let node = """
        {"metadata":{"name":"n","labels":{"zone":"z"},"annotations":{"a":"b"},"resourceVersion":"7"},
        "spec":{"podCIDRs":["10.1.0.0/24"]},"status":{"images":[{"names":["a"],"sizeBytes":1}],
        "addresses":[{"type":"InternalIP","address":"192.0.2.1"},{"type":"ExternalIP","address":"2001:db8::1"},
        {"type":"Hostname","address":"n"},{"type":"InternalDNS","address":"192.0.2.9"}]}}
        """
    static let namespace = """
        {"metadata":{"name":"x","labels":{"team":"t"},"annotations":{"a":"b"},"resourceVersion":"7"},
        "spec":{"finalizers":["kubernetes"]},"status":{"phase":"Active"}}
        """
    static let service = """
        {"metadata":{"name":"s","namespace":"x","labels":{"a":"b"},"resourceVersion":"7"},
        "spec":{"type":"LoadBalancer","clusterIP":"10.96.0.1","clusterIPs":["10.96.0.1","fd00::9"],
        "externalIPs":["192.0.2.7"],"selector":{"app":"w"},"sessionAffinity":"None",
        "ports":[{"name":"web","protocol":"TCP","port":80,"targetPort":"http","nodePort":30080},
        {"name":"dns","protocol":"UDP","port":53,"targetPort":5353}]},
        "status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.8","ports":[]},{"hostname":"h"}]},"conditions":[]}}
        """
    static let endpointSlice = """
        {"metadata":{"name":"e","namespace":"x","labels":{"kubernetes.io/service-name":"s"},"resourceVersion":"7"},
        "addressType":"IPv4","ports":[{"name":"web","protocol":"UDP","port":80,"appProtocol":"http"}],
        "endpoints":[{"addresses":["10.0.0.1"],"conditions":{"ready":false,"serving":true,"terminating":true},
        "targetRef":{"kind":"Pod"},"zone":"z"},{"addresses":["10.0.0.2"],"conditions":{"ready":true}}]}
        """
    static let networkPolicy = """
        {"metadata":{"name":"p","namespace":"x","resourceVersion":"7"},"spec":{"podSelector":{"matchLabels":{"a":"b"},
        "matchExpressions":[{"key":"k","operator":"In","values":["v"]}]},"policyTypes":["Egress","Ingress"],
        "ingress":[{"from":[{"podSelector":{}}]}],"egress":[{"to":[{"ipBlock":{"cidr":"10.0.0.0/8","except":["10.1.0.0/16"]}},
        {"namespaceSelector":{"matchLabels":{"t":"u"}},"podSelector":{}}],
        "ports":[{"protocol":"TCP","port":80,"endPort":90},{"port":"web"}]}]},"status":{}}
        """

    static let all: [(ObjectReference.Kind, String)] = [
        (.pod, pod), (.node, node), (.namespace, namespace), (.service, service),
        (.endpointSlice, endpointSlice), (.networkPolicy, networkPolicy),
    ]
}

/// The objects of a page, and what it says of the list.
func readList(_ kind: ObjectReference.Kind, _ text: String) throws(TextError) -> (objects: [APIObject], page: ListPage)
{
    var objects: [APIObject] = []
    let page = try ListReader(kind).read(Array(text.utf8)) { objects.append($0) }
    return (objects, page)
}

func readLine(_ kind: ObjectReference.Kind, _ text: String) throws(TextError) -> WatchEvent {
    try WatchReader(kind).read(Array(text.utf8))
}

func list(_ kind: ObjectReference.Kind, items: String, version: String = "7") -> String {
    """
    {"kind":"\(kind.rawValue)List","apiVersion":"v1","metadata":{"resourceVersion":"\(version)","continue":"t","remainingItemCount":1},"items":\(items)}
    """
}

/// Without projection.
func decodeWhole(_ kind: ObjectReference.Kind, _ text: String) throws -> (
    object: ClusterObject?, diagnostics: [Diagnostic]
) {
    let documents = try DocumentReader().documents(Array(text.utf8))
    return ObjectDecoder(refusesUnknownFields: true).decode(try #require(documents.first).value, as: kind)
}
