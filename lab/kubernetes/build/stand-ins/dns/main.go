// The lab's stand-in for CoreDNS: names of services and of the pods of a headless service, everything else is asked elsewhere.
// Of the Corefile it reads `kubernetes DOMAIN` and `forward . SERVER...`.
package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"

	"github.com/miekg/dns"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	listers "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/rest"
)

const seconds = 5

type server struct {
	domain    string
	upstreams []string
	services  listers.ServiceLister
	endpoints listers.EndpointsLister
}

func main() {
	path := "Corefile"
	for at, argument := range os.Args {
		if strings.TrimLeft(argument, "-") == "conf" && at+1 < len(os.Args) {
			path = os.Args[at+1]
		}
	}
	config, err := rest.InClusterConfig()
	exitOn(err)
	client, err := kubernetes.NewForConfig(config)
	exitOn(err)
	factory := informers.NewSharedInformerFactory(client, 0)
	s := &server{services: factory.Core().V1().Services().Lister(), endpoints: factory.Core().V1().Endpoints().Lister()}
	exitOn(s.read(path))
	stop := make(chan struct{})
	factory.Start(stop)
	answer := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, text) }
	}
	go func() { exitOn(http.ListenAndServe(":8080", answer("OK"))) }()
	factory.WaitForCacheSync(stop)
	go func() { exitOn(http.ListenAndServe(":8181", answer("OK"))) }()
	go func() { exitOn(http.ListenAndServe(":9153", answer("coredns_build_info{stand_in=\"true\"} 1"))) }()
	fmt.Println("stand-in of Rolecall's lab for CoreDNS, domain", s.domain, "upstream", s.upstreams)
	go func() { exitOn((&dns.Server{Addr: ":53", Net: "tcp", Handler: s}).ListenAndServe()) }()
	exitOn((&dns.Server{Addr: ":53", Net: "udp", Handler: s}).ListenAndServe())
}

func (s *server) read(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	s.domain = "cluster.local."
	servers := []string{"/etc/resolv.conf"}
	for _, line := range strings.Split(string(text), "\n") {
		words := strings.Fields(strings.Split(line, "{")[0])
		if len(words) > 1 && words[0] == "kubernetes" {
			s.domain = dns.Fqdn(strings.ToLower(words[1]))
		}
		if len(words) > 2 && words[0] == "forward" {
			servers = words[2:]
		}
	}
	for _, name := range servers {
		if !strings.HasPrefix(name, "/") {
			if _, _, err := net.SplitHostPort(name); err != nil {
				name = net.JoinHostPort(name, "53")
			}
			s.upstreams = append(s.upstreams, name)
		} else if config, err := dns.ClientConfigFromFile(name); err == nil {
			for _, each := range config.Servers {
				s.upstreams = append(s.upstreams, net.JoinHostPort(each, config.Port))
			}
		}
	}
	return nil
}

func (s *server) ServeDNS(w dns.ResponseWriter, request *dns.Msg) {
	if len(request.Question) != 1 {
		dns.HandleFailed(w, request)
		return
	}
	question := request.Question[0]
	name := strings.ToLower(question.Name)
	if !dns.IsSubDomain(s.domain, name) {
		s.forward(w, request)
		return
	}
	reply := new(dns.Msg)
	reply.SetReply(request)
	reply.Authoritative = true
	addresses, ports, found := s.find(strings.Split(strings.TrimSuffix(strings.TrimSuffix(name, s.domain), "."), "."))
	header := dns.RR_Header{Name: question.Name, Class: dns.ClassINET, Ttl: seconds}
	if !found {
		reply.Rcode = dns.RcodeNameError
	}
	switch question.Qtype {
	case dns.TypeA, dns.TypeANY:
		header.Rrtype = dns.TypeA
		for _, address := range addresses {
			reply.Answer = append(reply.Answer, &dns.A{Hdr: header, A: net.ParseIP(address)})
		}
	case dns.TypeSRV:
		header.Rrtype = dns.TypeSRV
		for _, port := range ports {
			target := strings.Join(strings.Split(question.Name, ".")[2:], ".")
			reply.Answer = append(reply.Answer, &dns.SRV{Hdr: header, Weight: 100, Port: port, Target: target})
		}
	}
	if len(reply.Answer) == 0 {
		soa := dns.RR_Header{Name: s.domain, Rrtype: dns.TypeSOA, Class: dns.ClassINET, Ttl: seconds}
		reply.Ns = []dns.RR{&dns.SOA{Hdr: soa, Ns: "ns.dns." + s.domain, Mbox: "hostmaster." + s.domain, Serial: 1, Refresh: 7200, Retry: 1800, Expire: 86400, Minttl: seconds}}
	}
	_ = w.WriteMsg(reply)
}

// Finds `SERVICE NAMESPACE svc`, with the name of a pod, or a port and protocol, before that.
func (s *server) find(labels []string) (addresses []string, ports []uint16, found bool) {
	last := len(labels) - 1
	if last < 2 || labels[last] != "svc" {
		return nil, nil, last < 1
	}
	namespace, name, rest := labels[last-1], labels[last-2], labels[:last-2]
	service, err := s.services.Services(namespace).Get(name)
	if err != nil {
		return nil, nil, false
	}
	if len(rest) == 2 && strings.HasPrefix(rest[0], "_") {
		for _, port := range service.Spec.Ports {
			if "_"+port.Name == rest[0] && "_"+strings.ToLower(string(port.Protocol)) == rest[1] {
				ports = append(ports, uint16(port.Port))
			}
		}
		return nil, ports, len(ports) > 0
	}
	if service.Spec.ClusterIP != corev1.ClusterIPNone {
		return []string{service.Spec.ClusterIP}, nil, len(rest) == 0
	}
	endpoints, err := s.endpoints.Endpoints(namespace).Get(name)
	if err != nil {
		return nil, nil, len(rest) == 0
	}
	for _, subset := range endpoints.Subsets {
		for _, each := range subset.Addresses {
			if len(rest) == 0 || (len(rest) == 1 && (each.Hostname == rest[0] || strings.ReplaceAll(each.IP, ".", "-") == rest[0])) {
				addresses = append(addresses, each.IP)
			}
		}
	}
	return addresses, nil, len(rest) == 0 || len(addresses) > 0
}

func (s *server) forward(w dns.ResponseWriter, request *dns.Msg) {
	for _, upstream := range s.upstreams {
		client := &dns.Client{Net: w.LocalAddr().Network()}
		if reply, _, err := client.Exchange(request, upstream); err == nil {
			_ = w.WriteMsg(reply)
			return
		}
	}
	dns.HandleFailed(w, request)
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
