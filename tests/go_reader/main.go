// go_reader reads YAML the way Kubernetes' own tools do, so that tests can ask what Go makes of a text.
//
// In   one JSON string a line on stdin: the text of a YAML document.
// Out  one JSON object a line on stdout, in the same order: what sigs.k8s.io/yaml (kubectl, Argo CD,
//      kubeconform) and yaml.v3 read, as JSON text, or the error of the reader that refused.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"

	yaml3 "go.yaml.in/yaml/v3"
	"sigs.k8s.io/yaml"
)

type reading struct {
	Kubernetes string `json:"kubernetes,omitempty"`
	Version3   string `json:"version3,omitempty"`
	Error      string `json:"error,omitempty"`
}

func read(text string) reading {
	kubernetes, err := yaml.YAMLToJSONStrict([]byte(text))
	if err != nil {
		return reading{Error: "sigs.k8s.io/yaml: " + err.Error()}
	}
	var value any
	if err := yaml3.Unmarshal([]byte(text), &value); err != nil {
		return reading{Error: "yaml.v3: " + err.Error()}
	}
	version3, err := json.Marshal(value)
	if err != nil {
		return reading{Error: "yaml.v3: " + err.Error()}
	}
	return reading{Kubernetes: string(kubernetes), Version3: string(version3)}
}

func main() {
	input := json.NewDecoder(bufio.NewReader(os.Stdin))
	output := json.NewEncoder(os.Stdout)
	for {
		var text string
		if err := input.Decode(&text); err == io.EOF {
			return
		} else if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		if err := output.Encode(read(text)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
