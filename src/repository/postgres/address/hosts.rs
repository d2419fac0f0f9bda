//! The lists of hosts, addresses and ports, put together to one list of servers.

use std::net::IpAddr;
use std::path::PathBuf;

use super::parameters::{Host, Place};
use super::settings::{Setting, Settings, whole};
use super::surroundings::Surroundings;
use crate::error::Failure;
use crate::text::visible::one_line;

/// A server, with the texts by which the password file knows it.
pub(super) struct Listed {
    pub host: Host,
    pub name: Vec<u8>,
    pub port: Vec<u8>,
}

/// The port of a server that names none, as a text and as a number.
const PORT: (&[u8], u16) = (b"5432", 5432);

pub(super) fn read(settings: &Settings, around: &Surroundings<'_>) -> Result<Vec<Listed>, Failure> {
    let names = settings.get("host");
    let addresses = settings.get("hostaddr");
    let ports = settings.get("port");
    let (name_list, address_list, port_list) = (list(names), list(addresses), list(ports));
    let number = match (&address_list, &name_list) {
        (Some(addresses), _) => addresses.len(),
        (None, Some(names)) => names.len(),
        (None, None) => 1,
    };
    let fitting = |items: usize, setting: &Setting, what: &str| {
        let why = format!("{} for {}", counted(items, what), counted(number, "host"));
        Err(setting
            .refused(&why)
            .hint("lists of hosts, addresses and ports are of one length"))
    };
    if let (Some(list), Some(setting)) = (&name_list, names)
        && list.len() != number
    {
        return fitting(list.len(), setting, "name");
    }
    if let (Some(list), Some(setting)) = (&port_list, ports)
        && list.len() != number
        && list.len() != 1
    {
        return fitting(list.len(), setting, "port");
    }
    let item = |list: &Option<Vec<&[u8]>>, index: usize| -> Vec<u8> {
        let list = list.as_deref().unwrap_or_default();
        let found = list.get(index).or_else(|| list.first());
        found.map_or_else(Vec::new, |item| item.to_vec())
    };
    (0..number)
        .map(|index| {
            let (name, named) = (item(&name_list, index), names);
            let address = item(&address_list, index);
            let port = Some(item(&port_list, index)).filter(|port| !port.is_empty());
            let port = port.unwrap_or_else(|| PORT.0.to_vec());
            let place = match (addresses, address.is_empty()) {
                (Some(setting), false) => Place::Address {
                    address: ip(&address, setting)?,
                    name: match named {
                        Some(setting) if !name.is_empty() => Some(text(&name, setting)?),
                        _ => None,
                    },
                },
                _ => place(&name, named, around)?,
            };
            let name = match &place {
                Place::Socket(folder) if *folder == around.socket_folder => b"localhost".to_vec(),
                Place::Address { .. } if name.is_empty() => address,
                _ => name,
            };
            let host = Host {
                place,
                port: port_number(&port, ports)?,
                password: None,
            };
            Ok(Listed { host, name, port })
        })
        .collect()
}

fn list(setting: Option<&Setting>) -> Option<Vec<&[u8]>> {
    Some(setting?.value.split(|byte| *byte == b',').collect())
}

fn counted(number: usize, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    }
}

fn place(
    name: &[u8],
    setting: Option<&Setting>,
    around: &Surroundings<'_>,
) -> Result<Place, Failure> {
    let Some(setting) = setting.filter(|_| !name.is_empty()) else {
        return Ok(Place::Socket(around.socket_folder.clone()));
    };
    let name = text(name, setting)?;
    if name.starts_with(['/', '@']) {
        return Ok(Place::Socket(PathBuf::from(name)));
    }
    Ok(Place::Name(name))
}

fn text(bytes: &[u8], setting: &Setting) -> Result<String, Failure> {
    let text = std::str::from_utf8(bytes).ok();
    text.map(str::to_owned)
        .ok_or_else(|| setting.refused("the name of a host is not UTF-8"))
}

fn ip(bytes: &[u8], setting: &Setting) -> Result<IpAddr, Failure> {
    let text = String::from_utf8_lossy(bytes);
    text.parse().map_err(|_| {
        setting
            .refused(&format!(
                "hostaddr has \"{}\", which is no address",
                one_line(&text)
            ))
            .hint("hostaddr is an address of IPv4 or IPv6; a name is host")
    })
}

/// What stands for a port is not shown: where the @ of an address is missing, it is a password.
fn port_number(text: &[u8], setting: Option<&Setting>) -> Result<u16, Failure> {
    let number = whole(text).and_then(|number| u16::try_from(number).ok());
    match (number.filter(|number| *number > 0), setting) {
        (Some(number), _) => Ok(number),
        (None, None) => Ok(PORT.1),
        (None, Some(setting)) => Err(setting
            .refused("a port is no number from 1 to 65535")
            .hint(super::url::FORM)),
    }
}
