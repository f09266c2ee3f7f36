package demo

// What the job begins with: front pages, one of them by its bare domain, which
// redirects; a feed that no page announces; a sitemap that no robots.txt names.
var (
	seedURLs = []string{
		"http://" + apexHost + "/",
		"http://www.hafenbote.example/",
		"http://www.courrier-des-monts.example/",
		"http://www.vistka.example/",
		"http://english.vistka.example/",
		"http://www.minato-shimpo.example/",
		"http://www.elfaro-monteverde.example/",
	}
	seedFeeds    = []string{"http://www.hafenbote.example/rss.xml"}
	seedSitemaps = []string{"http://www.minato-shimpo.example/sitemap.xml"}
)

// build makes an edition of the whole world.
func build(number int, p *pictures) (*edition, error) {
	e := &edition{number: number, hosts: map[string]bool{}, resources: map[string]*resource{}}
	if err := buildChronicle(e, p, wireStory()); err != nil {
		return nil, err
	}
	for _, f := range []func(*edition, *pictures) error{hafenbote, courrier, vistka, agency, minato, elfaro} {
		if err := f(e, p); err != nil {
			return nil, err
		}
	}
	e.close()
	return e, nil
}
