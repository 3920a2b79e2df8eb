// The lab's stand-in for ingress-nginx: a real nginx whose configuration is made from the Ingress objects of the cluster. It takes the real flags and heeds
// --ingress-class, --http-port, --https-port and --healthz-port.
package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
)

const file = "/etc/nginx/conf.d/default.conf"

func flagOf(name, otherwise string) string {
	for _, argument := range os.Args[1:] {
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
	factory := informers.NewSharedInformerFactory(client, 0)
	changed := make(chan struct{}, 1)
	notify := func() {
		select {
		case changed <- struct{}{}:
		default:
		}
	}
	handlers := cache.ResourceEventHandlerFuncs{
		AddFunc:    func(interface{}) { notify() },
		UpdateFunc: func(_, _ interface{}) { notify() },
		DeleteFunc: func(interface{}) { notify() },
	}
	for _, informer := range []cache.SharedIndexInformer{
		factory.Networking().V1().Ingresses().Informer(),
		factory.Core().V1().Services().Informer(),
		factory.Core().V1().Endpoints().Informer(),
	} {
		informer.AddEventHandler(handlers)
	}
	stop := make(chan struct{})
	factory.Start(stop)
	factory.WaitForCacheSync(stop)
	c := &controller{client: client, factory: factory}
	exitOn(c.write())
	fmt.Println("stand-in of Rolecall's lab for ingress-nginx, class", flagOf("ingress-class", "nginx"))
	nginx := exec.Command("nginx", "-g", "daemon off;")
	nginx.Stdout, nginx.Stderr = os.Stdout, os.Stderr
	exitOn(nginx.Start())
	go func() { exitOn(nginx.Wait()); os.Exit(0) }()
	go func() {
		ok := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") })
		exitOn(http.ListenAndServe(":"+flagOf("healthz-port", "10254"), ok))
	}()
	for range changed {
		before, _ := os.ReadFile(file)
		exitOn(c.write())
		if after, _ := os.ReadFile(file); !bytes.Equal(before, after) {
			if said, err := exec.Command("nginx", "-s", "reload").CombinedOutput(); err != nil {
				fmt.Fprintf(os.Stderr, "%s%v\n", said, err)
			}
		}
		c.publish()
		time.Sleep(200 * time.Millisecond)
	}
}

type controller struct {
	client  kubernetes.Interface
	factory informers.SharedInformerFactory
	// Of nginx, by name: the pods behind a service.
	upstreams map[string]string
}

func (c *controller) ours() []*networking.Ingress {
	all, _ := c.factory.Networking().V1().Ingresses().Lister().List(labels.Everything())
	var ours []*networking.Ingress
	for _, ingress := range all {
		class := ingress.Annotations["kubernetes.io/ingress.class"]
		if ingress.Spec.IngressClassName != nil {
			class = *ingress.Spec.IngressClassName
		}
		if class == flagOf("ingress-class", "nginx") {
			ours = append(ours, ingress)
		}
	}
	sort.Slice(ours, func(i, j int) bool { return ours[i].Namespace+"/"+ours[i].Name < ours[j].Namespace+"/"+ours[j].Name })
	return ours
}

func (c *controller) write() error {
	c.upstreams = map[string]string{}
	locations, tlsOf := map[string][]string{"_": nil}, map[string]string{}
	isDefault := false
	for _, ingress := range c.ours() {
		for _, each := range ingress.Spec.TLS {
			for _, host := range each.Hosts {
				if path, err := c.certificate(ingress.Namespace, each.SecretName); err == nil {
					tlsOf[host] = path
				}
			}
		}
		if ingress.Spec.DefaultBackend != nil && ingress.Spec.DefaultBackend.Service != nil && !isDefault {
			isDefault = true
			locations["_"] = append(locations["_"], c.location(ingress, "location /", ingress.Spec.DefaultBackend.Service))
		}
		for _, rule := range ingress.Spec.Rules {
			host := rule.Host
			if host == "" {
				host = "_"
			}
			if rule.HTTP == nil {
				continue
			}
			for _, path := range rule.HTTP.Paths {
				if path.Backend.Service == nil || strings.ContainsAny(path.Path, " ;{}\"'\n") {
					continue
				}
				match := "location " + path.Path
				if path.Path == "" {
					match = "location /"
				}
				if path.PathType != nil && *path.PathType == networking.PathTypeExact {
					match = "location = " + path.Path
				}
				isDefault = isDefault || (host == "_" && match == "location /")
				locations[host] = append(locations[host], c.location(ingress, match, path.Backend.Service))
			}
		}
	}
	var hosts []string
	for host := range locations {
		hosts = append(hosts, host)
	}
	sort.Strings(hosts)
	text := ""
	for _, host := range hosts {
		standard, body := "", strings.Join(locations[host], "")
		if host == "_" {
			standard = " default_server"
		}
		if host == "_" && !isDefault {
			body += "  location / { return 404; }\n"
		}
		listen := fmt.Sprintf("  listen %s%s;\n", flagOf("http-port", "80"), standard)
		if path := tlsOf[host]; path != "" {
			listen += fmt.Sprintf("  listen %s ssl;\n  ssl_certificate %s;\n  ssl_certificate_key %s;\n", flagOf("https-port", "443"), path, path)
		}
		text += fmt.Sprintf("server {\n%s  server_name %s;\n%s}\n", listen, host, body)
	}
	var names []string
	for name := range c.upstreams {
		names = append(names, name)
	}
	sort.Strings(names)
	upstreams := ""
	for _, name := range names {
		upstreams += c.upstreams[name]
	}
	return os.WriteFile(file, []byte(upstreams+text), 0o644)
}

// A location that balances over the pods behind a service. A service without any answers 503.
func (c *controller) location(ingress *networking.Ingress, match string, backend *networking.IngressServiceBackend) string {
	var targets []string
	service, err := c.factory.Core().V1().Services().Lister().Services(ingress.Namespace).Get(backend.Name)
	endpoints, err2 := c.factory.Core().V1().Endpoints().Lister().Endpoints(ingress.Namespace).Get(backend.Name)
	if err == nil && err2 == nil {
		for _, port := range service.Spec.Ports {
			if port.Port != backend.Port.Number && (port.Name == "" || port.Name != backend.Port.Name) {
				continue
			}
			for _, subset := range endpoints.Subsets {
				for _, behind := range subset.Ports {
					if behind.Name != port.Name && port.TargetPort != intstr.FromInt(int(behind.Port)) {
						continue
					}
					for _, address := range subset.Addresses {
						targets = append(targets, fmt.Sprintf("%s:%d", address.IP, behind.Port))
					}
				}
			}
		}
	}
	if len(targets) == 0 {
		return fmt.Sprintf("  %s { return 503; }\n", match)
	}
	id := fmt.Sprintf("%s-%s-%d%s", ingress.Namespace, backend.Name, backend.Port.Number, backend.Port.Name)
	c.upstreams[id] = fmt.Sprintf("upstream %s {\n  server %s;\n}\n", id, strings.Join(targets, ";\n  server "))
	return fmt.Sprintf("  %s {\n    proxy_pass http://%s;\n    proxy_set_header Host $host;\n    proxy_set_header X-Real-IP $remote_addr;\n    proxy_set_header X-Forwarded-For $remote_addr;\n    proxy_set_header X-Forwarded-Proto $scheme;\n  }\n", match, id)
}

func (c *controller) certificate(namespace, name string) (string, error) {
	secret, err := c.client.CoreV1().Secrets(namespace).Get(context.TODO(), name, metav1.GetOptions{})
	if err != nil {
		return "", err
	}
	path := filepath.Join("/etc/nginx", namespace+"-"+name+".pem")
	return path, os.WriteFile(path, append(append(secret.Data[corev1.TLSCertKey], '\n'), secret.Data[corev1.TLSPrivateKeyKey]...), 0o600)
}

// Says where an Ingress is reached, once.
func (c *controller) publish() {
	pod, err := c.client.CoreV1().Pods(os.Getenv("POD_NAMESPACE")).Get(context.TODO(), os.Getenv("POD_NAME"), metav1.GetOptions{})
	if err != nil || pod.Status.HostIP == "" {
		return
	}
	for _, ingress := range c.ours() {
		if len(ingress.Status.LoadBalancer.Ingress) > 0 {
			continue
		}
		changed := ingress.DeepCopy()
		changed.Status.LoadBalancer.Ingress = []corev1.LoadBalancerIngress{{IP: pod.Status.HostIP}}
		_, _ = c.client.NetworkingV1().Ingresses(ingress.Namespace).UpdateStatus(context.TODO(), changed, metav1.UpdateOptions{})
	}
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
