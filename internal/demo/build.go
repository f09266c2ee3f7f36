package demo

// What the job begins with.
var (
	seedURLs = []string{
		"http://" + apexHost + "/",
	}
	seedFeeds    = []string{}
	seedSitemaps = []string{}
)

// build makes an edition of the whole world.
func build(number int, p *pictures) (*edition, error) {
	e := &edition{number: number, hosts: map[string]bool{}, resources: map[string]*resource{}}
	for _, f := range []func() error{
		func() error { return buildChronicle(e, p, wireStory()) },
	} {
		if err := f(); err != nil {
			return nil, err
		}
	}
	e.close()
	return e, nil
}
