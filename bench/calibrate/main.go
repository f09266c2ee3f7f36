// Command calibrate finds how often the extractor's fields are right by the
// signals that they come with, and writes the table that it takes its
// confidences from.
//
//	go run ./bench/calibrate [-gold DIR] [-o extractor/confidence.tsv] [-wrong FIELD]
//
// It extracts each gold page, and copies of it from which a reader's source has
// been taken away (JSON-LD, meta elements, time elements, all of them), so that
// pages with little markup are judged by more than the few that are so from the
// start. It then prints how far the stated confidences hold on pages of
// publishers that the table was not made from: the publishers (registrable
// domains) are dealt into five folds, and each fold is judged by a table made
// from the other four. With -o it writes the table made from all.
//
// A headline is right where it is equal after folding of case, signs and
// spaces; a date where its day is right and, where both it and gold know one,
// its minute; a body where F1 over 4-grams of words is at least 0.9; captions
// where F1 is at least 0.8; authors where the sets are equal.
package main

import (
	"flag"
	"fmt"
	"os"
)

const folds = 5

func main() {
	dir := flag.String("gold", "../shared/gold", "folder with gold.jsonl and its pages")
	out := flag.String("o", "", "write the table here")
	wrong := flag.String("wrong", "", "also list the pages on which this field is wrong")
	flag.Parse()
	if err := run(*dir, *out, *wrong); err != nil {
		fmt.Fprintln(os.Stderr, "calibrate:", err)
		os.Exit(1)
	}
}

func run(dir, out, wrong string) error {
	seen, err := observe(dir)
	if err != nil {
		return err
	}
	var held []judged
	for fold := range folds {
		var train, test []observation
		for _, o := range seen {
			if o.fold == fold {
				test = append(test, o)
			} else {
				train = append(train, o)
			}
		}
		table := fit(train)
		for _, o := range test {
			held = append(held, judged{o, table.confidence(o.signal)})
		}
	}
	printReliability(os.Stdout, held)
	for _, j := range held {
		if j.signal.Field == wrong && !j.right {
			fmt.Printf("%s, %s: %q (%s, %s, said %.2f)\n", j.page, j.variant, j.value, j.signal.Reader, j.signal.Support, j.stated)
		}
	}
	if out == "" {
		return nil
	}
	return os.WriteFile(out, fit(seen).file(), 0o644)
}
