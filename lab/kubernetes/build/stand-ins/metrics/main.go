// The lab's stand-in for metrics-server: metrics.k8s.io/v1beta1 from what every kubelet says of its node and pods. It takes the real flags and heeds
// --secure-port, --kubelet-insecure-tls and --kubelet-certificate-authority.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	certutil "k8s.io/client-go/util/cert"
	stats "k8s.io/kubelet/pkg/apis/stats/v1alpha1"
	metrics "k8s.io/metrics/pkg/apis/metrics/v1beta1"
)

const group = "/apis/metrics.k8s.io/v1beta1"

type server struct {
	client  kubernetes.Interface
	kubelet *http.Client
	token   string
	mutex   sync.Mutex
	asked   time.Time
	known   map[string]*stats.Summary
}

func flagOf(name, otherwise string) string {
	for _, argument := range os.Args[1:] {
		if argument == "--"+name {
			return "true"
		}
		if strings.HasPrefix(argument, "--"+name+"=") {
			return strings.TrimPrefix(argument, "--"+name+"=")
		}
	}
	return otherwise
}

func main() {
	config, err := rest.InClusterConfig()
	exitOn(err)
	client, err := kubernetes.NewForConfig(config)
	exitOn(err)
	trust := &tls.Config{InsecureSkipVerify: flagOf("kubelet-insecure-tls", "false") == "true"}
	if file := flagOf("kubelet-certificate-authority", config.TLSClientConfig.CAFile); !trust.InsecureSkipVerify {
		text, err := os.ReadFile(file)
		exitOn(err)
		trust.RootCAs = x509.NewCertPool()
		trust.RootCAs.AppendCertsFromPEM(text)
	}
	s := &server{client: client, token: config.BearerToken, kubelet: &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{TLSClientConfig: trust}}}
	certificate, key, err := certutil.GenerateSelfSignedCertKey("metrics-server", nil, nil)
	exitOn(err)
	pair, err := tls.X509KeyPair(certificate, key)
	exitOn(err)
	web := &http.Server{Addr: ":" + flagOf("secure-port", "443"), Handler: s, TLSConfig: &tls.Config{Certificates: []tls.Certificate{pair}}}
	fmt.Println("stand-in of Rolecall's lab for metrics-server at", web.Addr)
	exitOn(web.ListenAndServeTLS("", ""))
}

func (s *server) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	path := strings.Split(strings.Trim(strings.TrimPrefix(request.URL.Path, group), "/"), "/")
	options := metav1.ListOptions{LabelSelector: request.URL.Query().Get("labelSelector")}
	switch {
	case !strings.HasPrefix(request.URL.Path, group) && strings.HasSuffix(request.URL.Path, "z"):
		fmt.Fprint(w, "ok")
	case !strings.HasPrefix(request.URL.Path, group):
		http.NotFound(w, request)
	case path[0] == "":
		write(w, metav1.APIResourceList{TypeMeta: metav1.TypeMeta{Kind: "APIResourceList", APIVersion: "v1"}, GroupVersion: "metrics.k8s.io/v1beta1", APIResources: []metav1.APIResource{
			{Name: "nodes", Kind: "NodeMetrics", Verbs: metav1.Verbs{"get", "list"}},
			{Name: "pods", Kind: "PodMetrics", Namespaced: true, Verbs: metav1.Verbs{"get", "list"}},
		}})
	case path[0] == "nodes":
		s.nodes(request.Context(), w, options, strings.Join(path[1:], ""))
	case path[0] == "pods":
		s.pods(request.Context(), w, options, "", "")
	case path[0] == "namespaces" && len(path) >= 3 && path[2] == "pods":
		s.pods(request.Context(), w, options, path[1], strings.Join(path[3:], ""))
	default:
		http.NotFound(w, request)
	}
}

// What the kubelets say, at most five seconds old. A node that does not answer has no metrics.
func (s *server) summaries(ctx context.Context) map[string]*stats.Summary {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if time.Since(s.asked) < 5*time.Second {
		return s.known
	}
	known := map[string]*stats.Summary{}
	nodes, err := s.client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return s.known
	}
	for _, node := range nodes.Items {
		for _, address := range node.Status.Addresses {
			if address.Type == corev1.NodeInternalIP {
				summary, err := s.ask(ctx, fmt.Sprintf("https://%s:%d/stats/summary", address.Address, node.Status.DaemonEndpoints.KubeletEndpoint.Port))
				if err != nil {
					fmt.Fprintln(os.Stderr, node.Name, err)
					continue
				}
				known[node.Name] = summary
			}
		}
	}
	s.known, s.asked = known, time.Now()
	return known
}

func (s *server) ask(ctx context.Context, url string) (*stats.Summary, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+s.token)
	answer, err := s.kubelet.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("kubelet answers %s", answer.Status)
	}
	summary := &stats.Summary{}
	return summary, json.NewDecoder(answer.Body).Decode(summary)
}

func usage(cpu *stats.CPUStats, memory *stats.MemoryStats) (corev1.ResourceList, metav1.Time) {
	if cpu == nil || cpu.UsageNanoCores == nil || memory == nil || memory.WorkingSetBytes == nil {
		return nil, metav1.Time{}
	}
	return corev1.ResourceList{
		corev1.ResourceCPU:    *resource.NewScaledQuantity(int64(*cpu.UsageNanoCores), resource.Nano),
		corev1.ResourceMemory: *resource.NewQuantity(int64(*memory.WorkingSetBytes), resource.BinarySI),
	}, cpu.Time
}

func (s *server) nodes(ctx context.Context, w http.ResponseWriter, options metav1.ListOptions, name string) {
	list := metrics.NodeMetricsList{TypeMeta: metav1.TypeMeta{Kind: "NodeMetricsList", APIVersion: "metrics.k8s.io/v1beta1"}, Items: []metrics.NodeMetrics{}}
	nodes, err := s.client.CoreV1().Nodes().List(ctx, options)
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	known := s.summaries(ctx)
	for _, node := range nodes.Items {
		summary := known[node.Name]
		if summary == nil || (name != "" && name != node.Name) {
			continue
		}
		if used, at := usage(summary.Node.CPU, summary.Node.Memory); used != nil {
			list.Items = append(list.Items, metrics.NodeMetrics{TypeMeta: metav1.TypeMeta{Kind: "NodeMetrics", APIVersion: "metrics.k8s.io/v1beta1"},
				ObjectMeta: metav1.ObjectMeta{Name: node.Name, Labels: node.Labels, CreationTimestamp: metav1.Now()}, Timestamp: at, Window: metav1.Duration{Duration: 10 * time.Second}, Usage: used})
		}
	}
	if name != "" && len(list.Items) == 1 {
		write(w, list.Items[0])
	} else if name != "" {
		http.Error(w, "no metrics of this node", http.StatusNotFound)
	} else {
		write(w, list)
	}
}

func (s *server) pods(ctx context.Context, w http.ResponseWriter, options metav1.ListOptions, namespace, name string) {
	list := metrics.PodMetricsList{TypeMeta: metav1.TypeMeta{Kind: "PodMetricsList", APIVersion: "metrics.k8s.io/v1beta1"}, Items: []metrics.PodMetrics{}}
	pods, err := s.client.CoreV1().Pods(namespace).List(ctx, options)
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	said := map[string]stats.PodStats{}
	for _, summary := range s.summaries(ctx) {
		for _, pod := range summary.Pods {
			said[pod.PodRef.UID] = pod
		}
	}
	for _, pod := range pods.Items {
		if name != "" && name != pod.Name {
			continue
		}
		item := metrics.PodMetrics{TypeMeta: metav1.TypeMeta{Kind: "PodMetrics", APIVersion: "metrics.k8s.io/v1beta1"},
			ObjectMeta: metav1.ObjectMeta{Name: pod.Name, Namespace: pod.Namespace, Labels: pod.Labels, CreationTimestamp: metav1.Now()}, Window: metav1.Duration{Duration: 10 * time.Second}}
		for _, container := range said[string(pod.UID)].Containers {
			if used, at := usage(container.CPU, container.Memory); used != nil {
				item.Timestamp = at
				item.Containers = append(item.Containers, metrics.ContainerMetrics{Name: container.Name, Usage: used})
			}
		}
		if len(item.Containers) > 0 {
			list.Items = append(list.Items, item)
		}
	}
	if name != "" && len(list.Items) == 1 {
		write(w, list.Items[0])
	} else if name != "" {
		http.Error(w, "no metrics of this pod", http.StatusNotFound)
	} else {
		write(w, list)
	}
}

func write(w http.ResponseWriter, value interface{}) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
