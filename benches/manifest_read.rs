//! Reading, writing and editing VirtualServices, from 100 to 10,000: the cost of one must not grow with their number.
//!
//! Baselines: for YAML the bare events of the parser below, for JSON the tree of `serde_json`.

use granit_parser::Parser;
use pointsman_benches::ratio::{self, is_full_run};
use pointsman_manifest::{Manifest, to_yaml_documents};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for count in if is_full_run() { vec![100, 1_000, 10_000] } else { vec![10] } {
        let yaml: String = (0..count).map(virtual_service).collect();
        let manifest = Manifest::parse(&yaml)?;
        let values: Vec<_> = manifest.documents().iter().map(|document| document.value().clone()).collect();
        let stream: String = values.iter().map(|value| value.to_json() + "\n").collect();
        let items: Vec<String> = values.iter().map(|value| value.to_json()).collect();
        let list = format!("{{\"kind\":\"List\",\"items\":[{}]}}", items.join(","));

        let events = |_| Parser::new_from_str(&yaml).filter(Result::is_ok).count();
        report("yaml", count, yaml.len(), ratio::measure("", |_| Manifest::parse(&yaml), events));
        let tree = |_| serde_json::from_str::<serde_json::Value>(&list);
        report("json list", count, list.len(), ratio::measure("", |_| Manifest::parse(&list), tree));
        report("json stream", count, stream.len(), ratio::measure("", |_| Manifest::parse(&stream), tree));
        let written = |_| values.iter().map(|value| value.to_json().len()).sum::<usize>();
        report("write yaml", count, yaml.len(), ratio::measure("", |_| to_yaml_documents(&values), written));

        let path = "spec.http[0].route[1].weight".parse()?;
        let edit = ratio::cost(|i| manifest.edit().set((i as usize * 7) % count, &path, i % 100));
        println!("{:<52} ours {edit:>12.1} ns", format!("manifest_read/edit a weight of {count}"));
    }
    Ok(())
}

/// All of them in one line, then one of them.
fn report(what: &str, count: usize, bytes: usize, mut measured: ratio::Ratio) {
    measured.name = format!("manifest_read/{what} of {count} ({} kB)", bytes / 1_000);
    println!("{measured}");
    println!("{:<52} ours {:>12.1} ns", "  each", measured.ours_ns / count as f64);
}

fn virtual_service(number: usize) -> String {
    format!(
        "---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: reviews-{number}
  namespace: shop-{}
  labels:
    app.kubernetes.io/name: reviews # of the shop
    team: \"0{}\"
spec:
  hosts:
  - reviews-{number}.example.com
  gateways: [mesh, shop/main]
  http:
  - name: canary
    match:
    - uri: {{prefix: /v{}}}
      headers:
        end-user:
          exact: jason
    route:
    - destination:
        host: reviews-{number}
        subset: v1
      weight: 90
    - destination:
        host: reviews-{number}
        subset: v2
      weight: 10
    timeout: 5s
    retries:
      attempts: 3
      perTryTimeout: 2s
",
        number % 50,
        number % 7,
        number % 3
    )
}
