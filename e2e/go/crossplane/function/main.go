// The composition function of the end-to-end tests: Crossplane's gRPC on one side, JSON over HTTP on the other.
//
// It holds no logic. What composes is the evaluator that the tests share with `make test`: Crossplane's core calls
// RunFunction here, the request is passed on as JSON to --composer, and what comes back is the answer.
package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/protobuf/encoding/protojson"

	fnv1 "github.com/crossplane/crossplane/v2/proto/fn/v1"
)

const answerLimit = 16 << 20

type function struct {
	fnv1.UnimplementedFunctionRunnerServiceServer
	composer string
	client   *http.Client
}

// RunFunction asks the composer. What it refuses becomes Crossplane's own error about the function.
func (f *function) RunFunction(ctx context.Context, request *fnv1.RunFunctionRequest) (*fnv1.RunFunctionResponse, error) {
	content, err := protojson.Marshal(request)
	if err != nil {
		return nil, err
	}
	asked, err := http.NewRequestWithContext(ctx, http.MethodPost, f.composer, bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	answer, err := f.client.Do(asked)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, answerLimit))
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the composer says %s: %s", answer.Status, body)
	}
	response := &fnv1.RunFunctionResponse{}
	return response, protojson.Unmarshal(body, response)
}

// mutual is the only kind of connection that Crossplane makes to functions: both sides show certificates of one CA.
func mutual(folder string) (credentials.TransportCredentials, error) {
	pair, err := tls.LoadX509KeyPair(filepath.Join(folder, "tls.crt"), filepath.Join(folder, "tls.key"))
	if err != nil {
		return nil, err
	}
	authority, err := os.ReadFile(filepath.Join(folder, "ca.crt"))
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(authority) {
		return nil, errors.New("ca.crt holds no certificate")
	}
	return credentials.NewTLS(&tls.Config{
		Certificates: []tls.Certificate{pair},
		ClientAuth:   tls.RequireAndVerifyClientCert,
		ClientCAs:    pool,
		MinVersion:   tls.VersionTLS13,
	}), nil
}

func main() {
	address := flag.String("address", "", "where to serve gRPC")
	composer := flag.String("composer", "", "the URL that requests are passed on to")
	certificates := flag.String("certificates", "", "the folder of ca.crt, tls.crt and tls.key")
	flag.Parse()

	secure, err := mutual(*certificates)
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", *address)
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer(grpc.Creds(secure))
	fnv1.RegisterFunctionRunnerServiceServer(server, &function{
		composer: *composer,
		// No proxy: the composer is on this machine.
		client: &http.Client{Timeout: time.Minute, Transport: &http.Transport{}},
	})
	log.Fatal(server.Serve(listener))
}
