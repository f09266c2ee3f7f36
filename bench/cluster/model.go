package main

// What the model takes a server to be able to do. They are assumptions, named so
// that another machine's figures can be put in their place.
const (
	// serverCores are those of a machine that runs one NATS server, or the S3
	// store.
	serverCores = 8
	// streamFsyncs a second on the disk of one NATS server, at 0.3 ms each, one
	// stream after the other: JetStream syncs each stream by itself, and a
	// disk takes several at once, so this is a floor.
	streamFsyncs = 3000
	// fsyncsPerPage of NATS where -strace did not count them, with extraction:
	// as -strace counted them.
	fsyncsPerPage = 5.1
	// storeRequests a second of an S3 store.
	storeRequests = 3000
	// networkBytes a second into one NATS server: 1 Gbit/s.
	networkBytes = 125e6
	// natsConnections of one server, its default limit.
	natsConnections = 65536
)

// processCounts are the cluster sizes of the model, all roles together.
var processCounts = []int{10, 100, 1000}

// Bound is what one resource carries.
type Bound struct {
	Resource       string
	PagesPerSecond float64
	// Use is the part of it that processCounts processes would take.
	Use []float64
}

// reckon tells from what a page costs how many pages a second each resource
// carries, and how much of each so many processes would use.
func reckon(m Measurement) []Bound {
	roles := (m.CPU["crawler"] + m.CPU["extractor"] + m.CPU["archiver"]) / 1000 // CPU s a page
	perProcess := 1 / roles                                                     // pages/s of a core of roles
	fsyncs := m.Fsyncs["nats"]
	if fsyncs == 0 {
		fsyncs = fsyncsPerPage
	}
	bounds := []Bound{
		{Resource: "CPU of one NATS server", PagesPerSecond: serverCores / (m.CPU["nats"] / 1000)},
		{Resource: "fsyncs of one NATS server", PagesPerSecond: streamFsyncs / fsyncs},
		{Resource: "network into one NATS server", PagesPerSecond: networkBytes / m.BytesIn},
		{Resource: "CPU of the S3 store", PagesPerSecond: serverCores / (m.CPU["s3"] / 1000)},
		{Resource: "requests of the S3 store", PagesPerSecond: storeRequests / sum(m.S3)},
	}
	for i := range bounds {
		for _, n := range processCounts {
			bounds[i].Use = append(bounds[i].Use, float64(n)*perProcess/bounds[i].PagesPerSecond)
		}
	}
	connections := Bound{Resource: "connections of one NATS server", PagesPerSecond: natsConnections / m.NATSConnections * perProcess}
	for _, n := range processCounts {
		connections.Use = append(connections.Use, float64(n)*m.NATSConnections/natsConnections)
	}
	return append(bounds, connections)
}
