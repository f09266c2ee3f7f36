// Command score says how far the extractor agrees with annotated pages: whole,
// by set, and by five folds of publishers.
//
//	go run ./bench/extract/score -gold DIR [-worst 10] [-json]
//
// DIR holds gold.jsonl and the pages that it names. The folds part pages by
// registrable domain. The extractor's rules are written by hand, with a view of
// all of these pages, so no fold is held out from them: the spread between the
// folds says how much the figures depend on which publishers are asked, not how
// much they would fall on new ones. The table of confidences is the one thing
// that is learned from the pages; it moves no field, and bench/calibrate judges
// it on folds that it was not made from.
//
// A second table scores the same pages made unfamiliar: without the names of
// classes, ids and roles, of which publishers each have their own, and without the
// body in JSON-LD. How far the figures fall there is how much hangs on names.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"sort"
	"sync"

	"newsreel/bench/extract/gold"
)

func main() {
	dir := flag.String("gold", "../shared/gold", "folder with gold.jsonl and its pages")
	worst := flag.Int("worst", 0, "also name the pages that lose most, so many of each measure")
	asJSON := flag.Bool("json", false, "print one JSON object")
	flag.Parse()
	if err := run(*dir, *worst, *asJSON); err != nil {
		fmt.Fprintln(os.Stderr, "score:", err)
		os.Exit(1)
	}
}

// row is a part of the pages with its score.
type row struct {
	Name  string
	Score gold.Score
}

func run(dir string, worst int, asJSON bool) error {
	pages, err := gold.Read(dir)
	if err != nil {
		return err
	}
	rows, folds := scored(pages, extract(pages))
	for i := range pages {
		pages[i].HTML = gold.Unfamiliar(pages[i].HTML)
	}
	strange, _ := scored(pages, extract(pages))
	if asJSON {
		for i := range strange {
			strange[i].Name = "unfamiliar " + strange[i].Name
		}
		return printJSON(slices.Concat(rows, folds, strange))
	}
	printTable(rows, folds)
	fmt.Println("\nThe same pages made unfamiliar: each class, id and role renamed, no body in JSON-LD.")
	for i := range strange {
		printRow(strange[i].Name, strange[i].Score.Pages, columns(&strange[i].Score))
	}
	printWorst(rows[0].Score.Misses, worst)
	return nil
}

// scored gives the rows of the whole and of each set, and those of the folds.
func scored(pages []gold.Page, results []*gold.Result) (rows, folds []row) {
	whole := row{Name: "whole"}
	sets := map[string]*row{}
	folds = make([]row, gold.Folds)
	var names []string
	for i := range pages {
		p := &pages[i]
		if sets[p.Set] == nil {
			sets[p.Set] = &row{Name: p.Set}
			names = append(names, p.Set)
		}
		for _, r := range []*row{&whole, sets[p.Set], &folds[p.Fold()]} {
			r.Score.Add(p, results[i])
		}
	}
	sort.Strings(names)
	rows = []row{whole}
	for _, n := range names {
		rows = append(rows, *sets[n])
	}
	for i := range folds {
		folds[i].Name = fmt.Sprintf("fold %d", i+1)
	}
	return rows, folds
}

func extract(pages []gold.Page) []*gold.Result {
	results := make([]*gold.Result, len(pages))
	next := make(chan int)
	var wait sync.WaitGroup
	for range 2 {
		wait.Go(func() {
			for i := range next {
				results[i] = gold.Extract(&pages[i])
			}
		})
	}
	for i := range pages {
		next <- i
	}
	close(next)
	wait.Wait()
	return results
}

// columns are the measures of a score; a value below 0 was not scored.
func columns(s *gold.Score) []float64 {
	mean := func(m gold.Mean) float64 {
		if m.N == 0 {
			return -1
		}
		return m.Value()
	}
	over := func(o gold.Overlap) float64 {
		if o.Gold+o.Got == 0 {
			return -1
		}
		return o.F1()
	}
	return []float64{mean(s.Body), mean(s.Headline), mean(s.Day), mean(s.Minute), over(s.Captions), mean(s.Credits), over(s.Authors)}
}

var titles = []string{"body F1", "headline", "day", "minute", "captions", "credits", "authors"}

func printTable(rows, folds []row) {
	fmt.Printf("%-9s %6s", "", "pages")
	for _, t := range titles {
		fmt.Printf(" %9s", t)
	}
	fmt.Println()
	for i := range rows {
		printRow(rows[i].Name, rows[i].Score.Pages, columns(&rows[i].Score))
	}
	fmt.Println()
	var low, high []float64
	for i := range folds {
		values := columns(&folds[i].Score)
		printRow(folds[i].Name, folds[i].Score.Pages, values)
		for k, v := range values {
			if i == 0 {
				low, high = append(low, v), append(high, v)
			}
			low[k], high[k] = min(low[k], v), max(high[k], v)
		}
	}
	spread := make([]float64, len(low))
	for k := range low {
		spread[k] = high[k] - low[k]
	}
	printRow("spread", 0, spread)
	fmt.Println("\nFolds part the pages by publisher. The rules were written with a view of all of\nthem: the folds show spread, not what is lost on publishers never looked at.")
}

func printRow(name string, pages int, values []float64) {
	count := ""
	if pages > 0 {
		count = fmt.Sprint(pages)
	}
	fmt.Printf("%-9s %6s", name, count)
	for _, v := range values {
		if v < 0 {
			fmt.Printf(" %9s", "–")
		} else {
			fmt.Printf(" %9.4f", v)
		}
	}
	fmt.Println()
}

func printWorst(misses []gold.Miss, n int) {
	shown := map[string]int{}
	sort.SliceStable(misses, func(i, k int) bool {
		return misses[i].Measure < misses[k].Measure || misses[i].Measure == misses[k].Measure && misses[i].Score < misses[k].Score
	})
	for _, m := range misses {
		if shown[m.Measure]++; shown[m.Measure] <= n {
			fmt.Printf("  %-9s %.3f %s\n", m.Measure, m.Score, m.Page)
		}
	}
}

func printJSON(rows []row) error {
	out := map[string]map[string]float64{}
	for i := range rows {
		values := map[string]float64{"pages": float64(rows[i].Score.Pages)}
		for k, v := range columns(&rows[i].Score) {
			if v >= 0 {
				values[titles[k]] = v
			}
		}
		out[rows[i].Name] = values
	}
	return json.NewEncoder(os.Stdout).Encode(out)
}
