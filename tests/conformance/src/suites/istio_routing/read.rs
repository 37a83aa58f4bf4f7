//! Parts of cases as values of the API.

use pointsman_api::{Kind, Object, api_version};
use pointsman_manifest::Value as Document;
use pointsman_route::{
    EndpointsBy, Mesh, MeshKind, MeshPort, MeshService, MeshSettings, Protocol, Visibility,
};
use pointsman_types::{ObjectRef, Profile};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

pub(super) type Answer = Result<crate::Outcome, String>;

pub(super) fn typed<T: DeserializeOwned>(value: &Value) -> Result<T, String> {
    serde_json::from_value(value.clone()).map_err(|error| error.to_string())
}

pub(super) fn list<T: DeserializeOwned>(value: &Value) -> Result<Vec<T>, String> {
    items(value).iter().map(typed).collect()
}

pub(super) fn items(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

pub(super) fn texts(value: &Value) -> Vec<String> {
    items(value).iter().map(|item| text(item).to_owned()).collect()
}

pub(super) fn json_of<T: pointsman_api::field::Field>(value: &T) -> Value {
    serde_json::to_value(value.to_value()).unwrap_or_default()
}

/// `{meta, spec}` as an object of that kind.
pub(super) fn object<T: Kind>(value: &Value) -> Result<Object<T>, String> {
    let empty = Value::Object(Map::new());
    let spec = value.get("spec").unwrap_or(&empty);
    let document = json!({"apiVersion": api_version::<T>(), "kind": T::KIND,
        "metadata": value.get("meta").unwrap_or(&empty), "spec": spec});
    let document: Document = typed(&document)?;
    Object::<T>::from_value(&document).ok().map_err(|findings| format!("{findings:?}"))
}

/// An empty mesh as the tests have it: no cluster domain.
pub(super) fn settings() -> MeshSettings {
    MeshSettings::new().with_domain("")
}

/// What a configuration of the mesh says, where there is one.
pub(super) fn settings_of(config: Option<&Value>) -> Result<MeshSettings, String> {
    match config.filter(|config| !config.is_null()) {
        Some(config) => Ok(MeshSettings::of(&typed(config)?).with_domain("")),
        None => Ok(settings()),
    }
}

pub(super) fn mesh(settings: MeshSettings) -> Mesh {
    Mesh::new(Profile::MEASURED).with_settings(settings)
}

pub(super) fn apply_all<T: MeshKind>(mesh: &mut Mesh, values: &Value) -> Result<(), String> {
    for value in
        items(values).iter().filter(|value| value.get("kind").is_none_or(|kind| text(kind) == T::KIND))
    {
        mesh.apply_object(object::<T>(value)?);
    }
    Ok(())
}

pub(super) fn labels(value: &Value) -> Vec<(String, String)> {
    let fields = value.as_object().into_iter().flatten();
    fields.map(|(name, value)| (name.clone(), text(value).to_owned())).collect()
}

/// A service in the shape of Istio's own type; `position` tells apart those without a name.
pub(super) fn service(value: &Value, position: usize) -> MeshService {
    let attributes = &value["attributes"];
    let is_kubernetes = text(&attributes["serviceRegistry"]) == "Kubernetes";
    let name = match text(&attributes["name"]) {
        "" => format!("service-{position:03}"),
        name => name.to_owned(),
    };
    let kind = if is_kubernetes { "Service" } else { "ServiceEntry" };
    let origin = ObjectRef::new("v1", kind, text(&attributes["namespace"]), name);
    let ports = items(&value["ports"]).iter().filter_map(|port| {
        let number = u16::try_from(port["port"].as_u64()?).ok()?;
        Some(MeshPort::new(number, text(&port["name"]), Protocol::of_name(text(&port["protocol"]))))
    });
    let endpoints_by = match text(&value["resolution"]) {
        "" | "ClientSideLB" => EndpointsBy::Registry,
        "Passthrough" => EndpointsBy::Client,
        "Alias" => EndpointsBy::Alias,
        _ => EndpointsBy::Dns,
    };
    let alias_of = text(&attributes["k8sAttributes"]["externalName"]);
    let mut service = MeshService::new(text(&value["hostname"]), origin)
        .with_ports(ports)
        .with_endpoints_by(endpoints_by)
        .with_visibility(Visibility::of(&names(&attributes["exportTo"]), &["*".to_owned()]));
    service.alias_of = (!alias_of.is_empty()).then(|| alias_of.to_owned());
    text(&value["creationTime"]).clone_into(&mut service.created);
    service.labels = labels(&attributes["labels"]).into_iter().collect();
    service.selector = labels(&attributes["labelSelectors"]).into_iter().collect();
    service
}

/// A set of names, as a list or as an object with a field for each.
pub(super) fn names(value: &Value) -> Vec<String> {
    match value {
        Value::Object(fields) => fields.keys().cloned().collect(),
        _ => texts(value),
    }
}
