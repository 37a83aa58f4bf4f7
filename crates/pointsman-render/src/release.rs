//! The manifests of one component under release.

use std::collections::{BTreeMap, BTreeSet};

use pointsman_api::istio::networking::{
    Destination, DestinationRule, HTTPRoute, HTTPRouteDestination, PortSelector, RouteDestination, TCPRoute,
    VirtualService,
};
use pointsman_api::{Object, group_and_version};
use pointsman_manifest::{Map, Value};
use pointsman_rollout::{Effect, Pins, Version};
use pointsman_types::{FieldPath, Host, ObjectRef, Split, Weight, host};

use crate::edit::{self, Edit};
use crate::pins::Pinning;
use crate::stage::why;
use crate::traffic::{subset, subset_name};
use crate::{Action, Change, Located, ManifestSet, RenderError, Stage, derive_version, managed, split};

const DOMAIN: &str = "cluster.local";

/// The manifests of one component under release: effects of a rollout become edits of these files.
///
/// Whatever an effect does not name stays byte by byte: other objects, other destinations of a route, fields nobody knows,
/// comments. Objects that are missing are made in files of their own. Doing an effect twice is doing it once.
///
/// What it owns in objects that were there before: of routes to the component, the list of its destinations with their `subset`
/// and `weight`, but for subsets that select by something else than the version; of its DestinationRule, the subsets of its
/// versions; of its Deployments, `spec.replicas`. See
/// [`owned_fields`](Release::owned_fields) for a GitOps tool's list of fields to ignore.
#[derive(Debug, Clone)]
pub struct Release {
    manifests: ManifestSet,
    namespace: String,
    component: String,
    version_label: String,
    images: BTreeMap<Version, String>,
    managed: BTreeSet<String>,
}

impl Release {
    /// The release of a component whose Service, in that namespace, stands in these manifests. An object without namespace counts
    /// as in this one.
    pub fn new(manifests: ManifestSet, namespace: impl Into<String>, component: impl Into<String>) -> Self {
        Self {
            manifests,
            namespace: namespace.into(),
            component: component.into(),
            version_label: "version".into(),
            images: BTreeMap::new(),
            managed: BTreeSet::new(),
        }
    }

    /// With the image of a version that does not exist yet.
    #[must_use]
    pub fn with_image(mut self, version: Version, image: impl Into<String>) -> Self {
        self.images.insert(version, image.into());
        self
    }

    /// With the label that tells versions apart, `version` unless said.
    #[must_use]
    pub fn with_version_label(mut self, label: impl Into<String>) -> Self {
        self.version_label = label.into();
        self
    }

    /// With the names of routes that the rollout adds and takes away: a route of another name is never touched by that.
    #[must_use]
    pub fn with_managed_routes<T: Into<String>>(mut self, names: impl IntoIterator<Item = T>) -> Self {
        self.managed = names.into_iter().map(Into::into).collect();
        self
    }

    /// The manifests as they are now.
    #[must_use]
    pub const fn manifests(&self) -> &ManifestSet {
        &self.manifests
    }

    /// The component.
    #[must_use]
    pub fn component(&self) -> &str {
        &self.component
    }

    /// The namespace.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// Carries out effects in order. On an error nothing of the list is done.
    ///
    /// # Errors
    ///
    /// An effect that cannot be rendered: see [`RenderError`].
    pub fn carry_out(&mut self, effects: &[Effect]) -> Result<Vec<Stage>, RenderError> {
        let mut next = self.clone();
        let mut stages = Vec::with_capacity(effects.len());
        for effect in effects {
            let changes = next.apply(effect)?;
            stages.push(Stage {
                effect: effect.clone(),
                why: why(effect),
                requires: effect.requires(),
                changes,
            });
        }
        *self = next;
        Ok(stages)
    }

    fn apply(&mut self, effect: &Effect) -> Result<Vec<Change>, RenderError> {
        match effect {
            Effect::EnsureVersion { version, inherits } => self.ensure_version(version, inherits.as_ref()),
            Effect::Scale { version, replicas } => self.scale(version, *replicas),
            Effect::ScaleToZero { version } => self.scale(version, 0),
            Effect::EnsureSubset { version } => self.ensure_subset(version),
            Effect::SetSplit { split, pins, .. } => self.set_split(split, pins.as_ref()),
            Effect::SetRoutes { to, routes, .. } => {
                self.managed.extend(routes.iter().map(|route| route.name.clone()));
                let subset = to.as_ref().map(|version| self.subset_of(version)).transpose()?;
                let wanted = managed::routes(routes, &self.component, subset.as_deref());
                self.edit_virtual_services(|object, own| {
                    Ok(managed::edits(&object.value, &wanted, &own.release.managed, |value| {
                        own.is_meant(object, value)
                    }))
                })
            }
            Effect::RestartPods { version, restart, .. } => self.restart(version, *restart),
            Effect::RemoveSubset { version } => self.remove_subset(version),
            Effect::RemoveVersion { version } => self.remove_version(version),
            _ => Ok(Vec::new()),
        }
    }

    fn ensure_version(
        &mut self,
        version: &Version,
        inherits: Option<&Version>,
    ) -> Result<Vec<Change>, RenderError> {
        if self.deployment(version)?.is_some() {
            return Ok(Vec::new());
        }
        let no_such = |version: &Version| RenderError::NoSuchVersion {
            component: self.component.clone(),
            version: version.to_string(),
        };
        let from = inherits.ok_or_else(|| no_such(version))?;
        let stable = self.deployment(from)?.ok_or_else(|| no_such(from))?;
        let image = self.images.get(version).ok_or_else(|| RenderError::NoImage {
            component: self.component.clone(),
            version: version.to_string(),
        })?;
        let label = &self.version_label;
        let derived =
            derive_version(&stable.value, &self.component, label, from.as_str(), version.as_str(), image);
        let file = self.file_beside(&stable.file, &format!("deployment-{version}"), version.as_str());
        Ok(vec![self.create(file, &derived)])
    }

    /// A file beside that one: `reviews/deployment-v2.yaml` in the component's own folder, `reviews-v2.yaml` elsewhere.
    fn file_beside(&self, file: &str, in_own_folder: &str, elsewhere: &str) -> String {
        let folder = file.rsplit_once('/').map(|(folder, _)| folder);
        match folder {
            Some(folder) if folder.rsplit('/').next() == Some(&self.component) => {
                format!("{folder}/{in_own_folder}.yaml")
            }
            Some(folder) => format!("{folder}/{}-{elsewhere}.yaml", self.component),
            None => format!("{}-{elsewhere}.yaml", self.component),
        }
    }

    fn create(&mut self, file: String, object: &Value) -> Change {
        let text = |name: &str| {
            let path: FieldPath = name.parse().unwrap_or_default();
            object.at(&path).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let object_ref = ObjectRef::new(
            text("apiVersion"),
            text("kind"),
            text("metadata.namespace"),
            text("metadata.name"),
        );
        self.manifests.insert_object(file.clone(), object);
        Change { action: Action::Create, object: object_ref, file }
    }

    fn scale(&mut self, version: &Version, replicas: u32) -> Result<Vec<Change>, RenderError> {
        let Some(object) = self.deployment(version)? else { return Ok(Vec::new()) };
        let path = FieldPath::root().field("spec").field("replicas");
        // One pod is what Kubernetes makes of nothing.
        let now = object.value.at(&path).map_or(Some(1), Value::as_u64);
        let edits =
            if now == Some(u64::from(replicas)) { vec![] } else { vec![Edit::Set(path, replicas.into())] };
        self.change(&object, &edits)
    }

    fn restart(&mut self, version: &Version, restart: u64) -> Result<Vec<Change>, RenderError> {
        let Some(object) = self.deployment(version)? else { return Ok(Vec::new()) };
        let metadata = FieldPath::root().field("spec").field("template").field("metadata");
        let mark: Value = restart.to_string().into();
        let annotations = metadata.field("annotations");
        let edit = match object.value.at(&annotations).and_then(Value::as_map) {
            Some(_) => Edit::Set(annotations.field("pointsman.dev/restart"), mark),
            None => Edit::Set(annotations, Value::Map(Map::from_iter([("pointsman.dev/restart", mark)]))),
        };
        self.change(&object, &[edit])
    }

    fn change(&mut self, object: &Located, edits: &[Edit]) -> Result<Vec<Change>, RenderError> {
        if edits.is_empty() {
            return Ok(Vec::new());
        }
        edit::carry_out(&mut self.manifests, object, edits)?;
        Ok(vec![Change::new(Action::Update, object)])
    }

    fn ensure_subset(&mut self, version: &Version) -> Result<Vec<Change>, RenderError> {
        let new = subset(version.as_str(), &self.version_label);
        let Some(rule) = self.destination_rule()? else {
            let spec = DestinationRule::new().with_host(self.component.as_str()).with_subsets(vec![new]);
            let object = Object::new(&self.namespace, &self.component, spec).to_value();
            let file = self.new_file("destination-rule")?;
            return Ok(vec![self.create(file, &object)]);
        };
        if self.subset_in(&rule, version).is_some() {
            return Ok(Vec::new());
        }
        if subsets(&rule).any(|(_, other)| other.get("name").and_then(Value::as_str) == Some(&new.name)) {
            let (object, version) = (Box::new(rule.object_ref.clone()), version.to_string());
            return Err(RenderError::SubsetTaken { object, subset: new.name, version });
        }
        let path = FieldPath::root().field("spec").field("subsets");
        let value = Value::from_serialize(&new).unwrap_or_default();
        let edit = match rule.value.at(&path).and_then(Value::as_list) {
            Some(list) => Edit::Insert(path, list.len(), value),
            None => Edit::Set(path, Value::List(vec![value])),
        };
        self.change(&rule, &[edit])
    }

    fn remove_subset(&mut self, version: &Version) -> Result<Vec<Change>, RenderError> {
        let Some(rule) = self.destination_rule()? else { return Ok(Vec::new()) };
        let Some((position, name)) = self.subset_in(&rule, version) else { return Ok(Vec::new()) };
        let own = self.own()?;
        for object in self.virtual_services()? {
            if let Some(path) = split::first_use(&object.value, &name, |value| own.is_meant(&object, value)) {
                return Err(RenderError::StillReferenced {
                    object: Box::new(object.object_ref.clone()),
                    path: path.to_string(),
                    subset: name,
                });
            }
        }
        let path = FieldPath::root().field("spec").field("subsets").index(position);
        self.change(&rule, &[Edit::Remove(path)])
    }

    fn remove_version(&mut self, version: &Version) -> Result<Vec<Change>, RenderError> {
        let Some(object) = self.deployment(version)? else { return Ok(Vec::new()) };
        edit::remove_object(&mut self.manifests, &object)?;
        Ok(vec![Change::new(Action::Delete, &object)])
    }

    fn set_split(&mut self, shares: &Split, pins: Option<&Pins>) -> Result<Vec<Change>, RenderError> {
        let mut wanted = Vec::new();
        let mut subsets = Vec::new();
        for (name, weight) in shares.iter() {
            let version = Version::new(name).ok();
            let subset = version.as_ref().map(|version| self.subset_of(version));
            let subset = subset.unwrap_or_else(|| Ok(subset_name(name)))?;
            subsets.extend(version.map(|version| (version, subset.clone())));
            wanted.push((subset, weight.value()));
        }
        let mut changes = Vec::new();
        if !self.has_mesh_route()? {
            changes.push(self.create_virtual_service(&wanted)?);
        }
        changes.extend(self.edit_virtual_services(|object, own| {
            let managed = &own.release.managed;
            Ok(split::edits(&object.value, &wanted, managed, |value| own.is_meant(object, value)))
        })?);
        let Some(pins) = pins else { return Ok(changes) };
        let pinned = self.edit_virtual_services(|object, own| {
            let pinning = Pinning {
                pins,
                total: Weight::new(shares.total()),
                subsets: subsets.clone(),
                is_managed: &|name| own.release.managed.contains(name),
                is_own: &|value| own.is_meant(object, value),
            };
            pinning.edits(&object.value, &object.object_ref)
        })?;
        // Both are one change of the object.
        let is_new = |change: &Change| {
            changes.iter().all(|other| (&other.object, &other.file) != (&change.object, &change.file))
        };
        let pinned: Vec<Change> = pinned.into_iter().filter(is_new).collect();
        changes.extend(pinned);
        Ok(changes)
    }

    fn edit_virtual_services(
        &mut self,
        edits: impl Fn(&Located, &Own<'_>) -> Result<Vec<Edit>, RenderError>,
    ) -> Result<Vec<Change>, RenderError> {
        let own = self.own()?;
        let objects = self.virtual_services()?.into_iter();
        let edited: Result<Vec<_>, _> =
            objects.map(|object| edits(&object, &own).map(|edits| (object, edits))).collect();
        let mut changes = Vec::new();
        for (object, edits) in edited? {
            changes.extend(self.change(&object, &edits)?);
        }
        Ok(changes)
    }

    /// Whether some virtual service decides what sidecars do with requests to the component.
    fn has_mesh_route(&self) -> Result<bool, RenderError> {
        let own = self.host();
        let decides = |object: &Located| {
            let list = |name: &str| {
                let path = FieldPath::root().field("spec").field(name);
                object.value.at(&path).and_then(Value::as_list).unwrap_or_default().to_vec()
            };
            let gateways = list("gateways");
            let in_mesh = gateways.is_empty() || gateways.iter().any(|name| name.as_str() == Some("mesh"));
            let namespace = self.namespace_of(object).to_owned();
            let is_own = |name: &Value| {
                let name = name.as_str().unwrap_or_default();
                host::resolve_short_name(name, &namespace, DOMAIN) == own
            };
            in_mesh && list("hosts").iter().any(is_own)
        };
        Ok(self.of_kind("networking.istio.io", "VirtualService")?.iter().any(decides))
    }

    fn create_virtual_service(&mut self, wanted: &[(String, u32)]) -> Result<Change, RenderError> {
        let service = self.service()?;
        let ports: FieldPath = "spec.ports[0]".parse().unwrap_or_default();
        let port = service.as_ref().and_then(|service| service.value.at(&ports)).cloned().unwrap_or_default();
        let name = port.get("name").and_then(Value::as_str).unwrap_or_default();
        let only = service
            .as_ref()
            .is_none_or(|service| service.value.at(&"spec.ports[1]".parse().unwrap_or_default()).is_none());
        let is_tcp = ["tcp", "mongo", "mysql", "redis"].contains(&name.split('-').next().unwrap_or_default());
        let destination = |subset: &str| {
            let mut destination = Destination::new().with_host(self.component.as_str()).with_subset(subset);
            let number = port.get("port").and_then(Value::as_u64).and_then(|port| u32::try_from(port).ok());
            destination.port = number.filter(|_| only).map(|number| PortSelector::new().with_number(number));
            destination
        };
        let first = wanted.first().map(|(subset, _)| subset.as_str()).unwrap_or_default();
        let mut spec = VirtualService::new().with_hosts(vec![self.component.clone()]);
        if is_tcp {
            let to = RouteDestination::new().with_destination(destination(first));
            spec.tcp = vec![TCPRoute::new().with_route(vec![to])];
        } else {
            let to = HTTPRouteDestination::new().with_destination(destination(first));
            spec.http = vec![HTTPRoute::new().with_name(self.component.as_str()).with_route(vec![to])];
        }
        let object = Object::new(&self.namespace, &self.component, spec).to_value();
        let file = self.new_file("virtual-service")?;
        Ok(self.create(file, &object))
    }

    fn new_file(&self, name: &str) -> Result<String, RenderError> {
        let beside = self.service()?.map(|service| service.file).unwrap_or_default();
        Ok(self.file_beside(&beside, name, name))
    }

    fn own(&self) -> Result<Own<'_>, RenderError> {
        let rule = self.destination_rule()?;
        let is_other = |(_, subset): &(usize, &Value)| {
            subset.get("labels").is_none_or(|labels| labels.get(&self.version_label).is_none())
        };
        let others = rule.iter().flat_map(subsets).filter(is_other);
        let name = |(_, subset): (usize, &Value)| Some(subset.get("name")?.as_str()?.to_owned());
        Ok(Own { release: self, others: others.filter_map(name).collect() })
    }

    fn host(&self) -> String {
        format!("{}.{}.svc.{DOMAIN}", self.component, self.namespace)
    }

    fn namespace_of<'l>(&'l self, object: &'l Located) -> &'l str {
        let namespace = &object.object_ref.namespace;
        if namespace.is_empty() { &self.namespace } else { namespace }
    }

    fn of_kind(&self, group: &str, kind: &str) -> Result<Vec<Located>, RenderError> {
        let objects = self.manifests.objects()?;
        Ok(objects.into_iter().filter(|object| object.is_kind(group, kind)).collect())
    }

    fn virtual_services(&self) -> Result<Vec<Located>, RenderError> {
        self.of_kind("networking.istio.io", "VirtualService")
    }

    pub(crate) fn service(&self) -> Result<Option<Located>, RenderError> {
        let services = self.of_kind("", "Service")?;
        let own = |object: &Located| {
            object.object_ref.name == self.component && self.namespace_of(object) == self.namespace
        };
        Ok(services.into_iter().find(own))
    }

    pub(crate) fn destination_rule(&self) -> Result<Option<Located>, RenderError> {
        let rules = self.of_kind("networking.istio.io", "DestinationRule")?;
        let own = |rule: &Located| {
            let name = rule.text("spec.host");
            let selector: FieldPath = "spec.workloadSelector".parse().unwrap_or_default();
            host::resolve_short_name(name, self.namespace_of(rule), DOMAIN) == self.host()
                && self.namespace_of(rule) == self.namespace
                && rule.value.at(&selector).is_none()
        };
        Ok(rules.into_iter().find(own))
    }

    /// The Deployments of the component with their versions.
    pub(crate) fn deployments(&self) -> Result<Vec<(String, Located)>, RenderError> {
        let selector: FieldPath = "spec.selector".parse().unwrap_or_default();
        let selector = self.service()?.and_then(|service| service.value.at(&selector).cloned());
        let app = Value::Map(Map::from_iter([("app", self.component.as_str())]));
        let selector =
            selector.filter(|value| value.as_map().is_some_and(|map| !map.is_empty())).unwrap_or(app);
        let labels: FieldPath = "spec.template.metadata.labels".parse().unwrap_or_default();
        let mut found = Vec::new();
        for object in self.manifests.objects()? {
            let (group, _) = group_and_version(&object.object_ref.api_version);
            let is_deployment =
                object.object_ref.kind == "Deployment" && matches!(group, "apps" | "extensions");
            let Some(labels) = object.value.at(&labels).and_then(Value::as_map) else { continue };
            let mut wanted = selector.as_map().into_iter().flat_map(Map::iter);
            let selected = wanted.all(|(name, value)| labels.get(name) == Some(value));
            if is_deployment && selected && self.namespace_of(&object) == self.namespace {
                let version = labels.get(&self.version_label).and_then(Value::as_str).unwrap_or_default();
                found.push((version.to_owned(), object.clone()));
            }
        }
        Ok(found)
    }

    pub(crate) fn deployment(&self, version: &Version) -> Result<Option<Located>, RenderError> {
        let deployments = self.deployments()?;
        Ok(deployments.into_iter().find(|(name, _)| name == version.as_str()).map(|(_, object)| object))
    }

    /// Position and name of the subset that selects a version.
    fn subset_in(&self, rule: &Located, version: &Version) -> Option<(usize, String)> {
        let selects = |subset: &Value| {
            let label = subset.get("labels").and_then(|labels| labels.get(&self.version_label));
            label.and_then(Value::as_str) == Some(version.as_str())
        };
        let (position, subset) = subsets(rule).find(|(_, subset)| selects(subset))?;
        Some((position, subset.get("name")?.as_str()?.to_owned()))
    }

    /// The name of the subset of a version: the one that selects it, or the one that would be made.
    fn subset_of(&self, version: &Version) -> Result<String, RenderError> {
        let found = self.destination_rule()?.and_then(|rule| self.subset_in(&rule, version));
        Ok(found.map_or_else(|| subset_name(version.as_str()), |(_, name)| name))
    }

    /// The fields of objects that were there before which a release writes: what a GitOps tool must not set back meanwhile.
    ///
    /// # Errors
    ///
    /// A file that cannot be read.
    pub fn owned_fields(&self) -> Result<Vec<(ObjectRef, FieldPath)>, RenderError> {
        let mut owned = Vec::new();
        let own = self.own()?;
        for object in self.virtual_services()? {
            for path in split::own_routes(&object.value, |value| own.is_meant(&object, value)) {
                owned.push((object.object_ref.clone(), path));
            }
        }
        if let Some(rule) = self.destination_rule()? {
            owned.push((rule.object_ref.clone(), FieldPath::root().field("spec").field("subsets")));
        }
        for (_, object) in self.deployments()? {
            owned.push((object.object_ref.clone(), FieldPath::root().field("spec").field("replicas")));
        }
        Ok(owned)
    }

    /// The host name of the component in the mesh.
    #[must_use]
    pub fn mesh_host(&self) -> Option<Host> {
        self.host().parse().ok()
    }
}

/// Which destinations a release shares out: those of the component, but for subsets that select by something else than the
/// version.
struct Own<'r> {
    release: &'r Release,
    others: BTreeSet<String>,
}

impl Own<'_> {
    fn is_meant(&self, object: &Located, destination: &Value) -> bool {
        let text = |name| destination.get(name).and_then(Value::as_str).unwrap_or_default();
        let namespace = self.release.namespace_of(object);
        !text("host").is_empty()
            && host::resolve_short_name(text("host"), namespace, DOMAIN) == self.release.host()
            && !self.others.contains(text("subset"))
    }
}

fn subsets(rule: &Located) -> impl Iterator<Item = (usize, &Value)> {
    let path = FieldPath::root().field("spec").field("subsets");
    rule.value.at(&path).and_then(Value::as_list).unwrap_or_default().iter().enumerate()
}
